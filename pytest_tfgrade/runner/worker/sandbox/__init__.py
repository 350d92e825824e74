"""What keeps a submitted model from touching anything but its own result."""
