// The display of a score's id.

const codePoints = /^[0-9A-F]{4,6}(-[0-9A-F]{4,6}){0,15}$/
/** The code points that are pictures only with a variation selector. */
const alone = /^\p{Emoji}$/u
const pictures = /^\p{Emoji_Presentation}$/u

/**
 * The picture of an id of hexadecimal code points, such as `1F602` or `1F1EF-1F1F5`; null for any other id, which is then
 * shown unchanged.
 */
export function picture(id) {
  if (!codePoints.test(id)) return null
  const values = id.split("-").map((digits) => parseInt(digits, 16))
  if (values.some((value) => value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))) return null
  const text = String.fromCodePoint(...values)
  if (!/\p{Emoji}/u.test(text)) return null
  if (alone.test(text) && !pictures.test(text)) return text + "\ufe0f"
  // A keycap: the selector stands between the character and its cap.
  return values.length === 2 && values[1] === 0x20e3 ? text[0] + "\ufe0f" + text[1] : text
}

/** Shows an id in an element: as a picture, or unchanged. */
export function showPicture(element, id) {
  const text = picture(id)
  element.textContent = text ?? id
  element.toggleAttribute("data-plain", text === null)
}

/** An id in words: `U+1F1EF U+1F1F5`. */
export function named(id) {
  return picture(id) === null ? id : id.split("-").map((digits) => "U+" + digits).join(" ")
}
