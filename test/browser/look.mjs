// What can be measured of a page's looks and accessibility. Runs inside the page, which may have scripts switched off.

// Sentences about what is wrong; none when all is well.
export async function flaws(page) {
  return page.evaluate(() => {
    const found = [];
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (colour) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => {
      const linear = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    const contrast = (a, b) => {
      const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
      return (high + 0.05) / (low + 0.05);
    };
    const ground = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const colour = rgba(getComputedStyle(at).backgroundColor);
        if (colour[3] === 255) return colour;
      }
      return [255, 255, 255, 255];
    };
    const short = (text) => text.trim().replace(/\s+/g, ' ').slice(0, 40);

    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode.data;
      const element = texts.currentNode.parentElement;
      if (!text.trim() || !element.checkVisibility()) continue;
      const ratio = contrast(rgba(getComputedStyle(element).color), ground(element));
      if (ratio < 4.5) found.push(`“${short(text)}” has a contrast of only ${ratio.toFixed(2)}`);
    }
    for (const control of document.querySelectorAll('input:not([type=hidden]), select, button, .button')) {
      const { width, height } = control.getBoundingClientRect();
      if (width < 24 || height < 24) found.push(`${control.tagName} is only ${width} × ${height} pixels large`);
      if (control.matches('button, .button')) continue;
      if (!control.labels.length) found.push(`${control.name} has no label`);
      const edge = contrast(rgba(getComputedStyle(control).borderTopColor), ground(control.parentElement));
      if (edge < 3) found.push(`the edge of ${control.name} has a contrast of only ${edge.toFixed(2)}`);
    }
    for (const image of document.querySelectorAll('img:not([alt])')) found.push(`${image.src} has no alt text`);
    for (const cell of document.querySelectorAll('th:not([scope])')) found.push(`“${short(cell.innerText)}” has no scope`);
    for (const link of document.querySelectorAll('main a:not(p a, li a)')) {
      const { height } = link.getBoundingClientRect();
      if (height > 0 && height < 24) found.push(`the link “${short(link.innerText)}” is only ${height} pixels high`);
    }
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) found.push(`two elements are called ${id}`);
    for (const element of document.querySelectorAll('[aria-describedby]'))
      for (const id of element.getAttribute('aria-describedby').split(' '))
        if (!document.getElementById(id)) found.push(`nothing is called ${id}`);
    if (document.querySelectorAll('h1').length !== 1) found.push('there is not exactly one h1');
    if (document.documentElement.lang !== 'en') found.push('the page does not say its language');
    const overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (overflow > 0) found.push(`the page is ${overflow} pixels wider than the screen`);
    return found;
  });
}

// How light the page's ground is, from 0 to 255.
export async function brightness(page) {
  return page.evaluate(() => {
    const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
    return (r + g + b) / 3;
  });
}
