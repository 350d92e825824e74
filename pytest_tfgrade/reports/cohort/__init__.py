"""What can be said of all submissions together: pure functions, and no page."""
