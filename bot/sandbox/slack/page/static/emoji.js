// Turns Slack's emoji codes into emoji; the names are those that bots of this trade use, others stay codes.

const NAMES = {
  "+1": "👍", "-1": "👎", thumbsup: "👍", thumbsdown: "👎", ok_hand: "👌", wave: "👋", clap: "👏", pray: "🙏", eyes: "👀",
  raised_hands: "🙌", muscle: "💪", point_right: "👉", point_left: "👈", point_up: "☝️", point_down: "👇", bow: "🙇",
  smile: "😄", slightly_smiling_face: "🙂", grinning: "😀", joy: "😂", wink: "😉", thinking_face: "🤔", sob: "😭",
  cry: "😢", sweat_smile: "😅", scream: "😱", confused: "😕", neutral_face: "😐", rage: "😡", heart: "❤️", fire: "🔥",
  tada: "🎉", sparkles: "✨", star: "⭐", rocket: "🚀", boom: "💥", zap: "⚡", zzz: "💤", bulb: "💡", key: "🔑",
  lock: "🔒", unlock: "🔓", shield: "🛡️", bell: "🔔", no_bell: "🔕", mega: "📣", loudspeaker: "📢", email: "📧",
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌", negative_squared_cross_mark: "❎",
  warning: "⚠️", no_entry: "⛔", no_entry_sign: "🚫", octagonal_sign: "🛑", rotating_light: "🚨", construction: "🚧",
  exclamation: "❗", question: "❓", grey_question: "❔", grey_exclamation: "❕", information_source: "ℹ️",
  bangbang: "‼️", interrobang: "⁉️", heavy_minus_sign: "➖", heavy_plus_sign: "➕", hourglass: "⌛",
  hourglass_flowing_sand: "⏳", alarm_clock: "⏰", stopwatch: "⏱️", timer_clock: "⏲️", clock1: "🕐", calendar: "📆",
  date: "📅", spiral_calendar_pad: "🗓️", wastebasket: "🗑️", repeat: "🔁", arrows_counterclockwise: "🔄",
  arrow_forward: "▶️", arrow_backward: "◀️", double_vertical_bar: "⏸️", black_square_for_stop: "⏹️", arrow_right: "➡️",
  arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️", arrow_heading_down: "⤵️", fast_forward: "⏩", rewind: "⏪",
  large_blue_circle: "🔵", blue_circle: "🔵", red_circle: "🔴", large_green_circle: "🟢", large_yellow_circle: "🟡",
  large_orange_circle: "🟠", large_purple_circle: "🟣", white_circle: "⚪", black_circle: "⚫", large_blue_square: "🟦",
  large_green_square: "🟩", large_red_square: "🟥", large_yellow_square: "🟨", small_blue_diamond: "🔹",
  floppy_disk: "💾", cd: "💿", package: "📦", file_folder: "📁", open_file_folder: "📂", card_index_dividers: "🗂️",
  page_facing_up: "📄", memo: "📝", pencil: "📝", clipboard: "📋", bookmark: "🔖", link: "🔗", mag: "🔍", gear: "⚙️",
  wrench: "🔧", hammer_and_wrench: "🛠️", toolbox: "🧰", robot_face: "🤖", speech_balloon: "💬", thought_balloon: "💭",
  chart_with_upwards_trend: "📈", moneybag: "💰", dollar: "💵", globe_with_meridians: "🌐", earth_africa: "🌍", cloud: "☁️",
  snowflake: "❄️", ice_cube: "🧊", umbrella: "☔", seedling: "🌱", bust_in_silhouette: "👤", busts_in_silhouette: "👥",
  raising_hand: "🙋", bug: "🐛", coffee: "☕", 100: "💯", one: "1️⃣", two: "2️⃣", three: "3️⃣", four: "4️⃣", five: "5️⃣",
};

export const CODE = /:([a-z0-9_+'-]+):(?::skin-tone-\d:)?/;

/** The emoji of a name, or its code where this page knows none. */
export function emoji(name) {
  return NAMES[name] || `:${name}:`;
}

/** A plain text with its emoji codes turned into emoji. */
export function withEmoji(text) {
  return text.replace(new RegExp(CODE, "g"), (code, name) => NAMES[name] || code);
}
