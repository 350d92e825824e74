// Returns what is wider than its place; a labelled box that scrolls may be, and what is
// within it may reach over the edge of the window.
() => {
  const told = (element, why) =>
    `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""} ${why}: ` +
    element.textContent.trim().slice(0, 60);
  const isBox = (element) => element.tabIndex === 0 && element.hasAttribute("aria-label");
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    found.push(`document ${root.scrollWidth} > ${root.clientWidth}`);
  }
  for (const element of document.body.querySelectorAll("*")) {
    const hasText = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!hasText || !element.checkVisibility()) continue;
    const svg = element.closest("svg");
    const box = element.parentElement.closest("[tabindex='0'][aria-label]");
    const { left, right } = element.getBoundingClientRect();
    const place = svg ? svg.getBoundingClientRect() : { left: 0, right: root.clientWidth };
    if (!box && (left < place.left - 1 || right > place.right + 1)) {
      found.push(told(element, `${left}..${right} in ${place.left}..${place.right}`));
    }
    const inline = getComputedStyle(element).display.startsWith("inline");
    if (!svg && !inline && !isBox(element) && element.scrollWidth > element.clientWidth + 1) {
      found.push(told(element, `${element.scrollWidth} > ${element.clientWidth}`));
    }
  }
  return found;
}
