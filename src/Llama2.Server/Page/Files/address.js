// @ts-check
// Addresses in answers: which of them may be links.

/** The address if a link may lead to it, else null: only absolute addresses of the web and of mail. @param {string} address */
export function safeAddress(address) {
  try {
    const url = new URL(address);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

/** The part of an address that says where it leads. @param {string} href */
export function hostOf(href) {
  const url = safeAddress(href);
  return url?.host || href;
}
