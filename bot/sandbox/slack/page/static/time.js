// Tells dates as Slack tells them: in the acting person's zone, with the words of its date patterns.

const DAY = 86_400_000;

function parts(ms, zone) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, weekday: "long", year: "numeric", month: "long", day: "numeric",
    hour: "numeric", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
  return Object.fromEntries(format.formatToParts(ms).map((part) => [part.type, part.value]));
}

function dayNumber(ms, zone) {
  const [year, month, day] = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(ms).split("-").map(Number);
  return Date.UTC(year, month - 1, day) / DAY;
}

function ordinal(day) {
  const teen = day % 100 >= 10 && day % 100 <= 20;
  return `${day}${teen ? "th" : { 1: "st", 2: "nd", 3: "rd" }[day % 10] || "th"}`;
}

/** The time of day: 3:04 PM. */
export function clock(ms, zone, seconds = "") {
  const at = parts(ms, zone);
  const hour = Number(at.hour) % 24;
  return `${hour % 12 || 12}:${at.minute}${seconds && `:${at.second}`} ${hour < 12 ? "AM" : "PM"}`;
}

function pretty(ms, zone, now) {
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[dayNumber(ms, zone) - dayNumber(now, zone)];
}

function ago(ms, now) {
  const gap = Math.abs(ms - now);
  for (const [unit, length] of [["day", DAY], ["hour", 3_600_000], ["minute", 60_000]]) {
    const count = Math.floor(gap / length);
    if (count) {
      const words = `${count} ${unit}${count > 1 ? "s" : ""}`;
      return ms > now ? `in ${words}` : `${words} ago`;
    }
  }
  return "just now";
}

const FORMATS = {
  date_num: (at, ms, zone) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(ms),
  date: (at) => `${at.month} ${ordinal(Number(at.day))}, ${at.year}`,
  date_slash: (at, ms, zone) =>
    new Intl.DateTimeFormat("en-US", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(ms),
  date_short: (at) => `${at.month.slice(0, 3)} ${at.day}, ${at.year}`,
  date_long: (at) => `${at.weekday}, ${at.month} ${ordinal(Number(at.day))}, ${at.year}`,
  time: (at, ms, zone) => clock(ms, zone),
  time_secs: (at, ms, zone) => clock(ms, zone, "s"),
};

/** Fill a pattern such as `{date_short_pretty} at {time}`; what is no token stays as it is. */
export function fillPattern(seconds, pattern, zone, now) {
  const ms = seconds * 1000;
  const at = parts(ms, zone);
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => {
    if (name === "ago") return ago(ms, now);
    const plain = name.replace(/_pretty$/, "");
    if (!FORMATS[plain]) return whole;
    return (plain !== name && pretty(ms, zone, now)) || FORMATS[plain](at, ms, zone);
  });
}

/** The words on the line between two days of a channel. */
export function dayWords(ms, zone, now) {
  const at = parts(ms, zone);
  const near = pretty(ms, zone, now);
  if (near) return near[0].toUpperCase() + near.slice(1);
  const year = parts(now, zone).year === at.year ? "" : `, ${at.year}`;
  return `${at.weekday}, ${at.month} ${ordinal(Number(at.day))}${year}`;
}

/** A day with its weekday, however near it is. */
export function longDay(ms, zone) {
  return FORMATS.date_long(parts(ms, zone));
}

/** The day and time together, as a tooltip tells them. */
export function fullWords(ms, zone) {
  return `${FORMATS.date(parts(ms, zone))} at ${clock(ms, zone, "s")}`;
}

export function sameDay(one, other, zone) {
  return dayNumber(one, zone) === dayNumber(other, zone);
}
