// Says what the page shows as data and brings the document in line with it, so that focus and typed text survive.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "path", "circle", "rect"]);
const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "readOnly", "open", "tabIndex"]);

/** Describe an element. Text among the children stays text; nothing is ever read as HTML. */
export function h(tag, props, ...children) {
  return { tag, props: props || {}, children: children.flat(Infinity).filter(isShown) };
}

/** Make the children of `parent` what is described. */
export function render(parent, children) {
  const wanted = [children].flat(Infinity).filter(isShown);
  const nodes = match(parent, wanted);
  for (const old of [...parent.childNodes]) {
    if (!nodes.includes(old)) parent.removeChild(old);
  }
  let place = parent.firstChild;
  wanted.forEach((described, index) => {
    let node = nodes[index];
    if (node === null) {
      node = create(described);
      parent.insertBefore(node, place);
    } else if (node !== place) {
      parent.insertBefore(node, place);
    } else {
      place = place.nextSibling;
    }
    fill(node, described);
  });
}

function isShown(child) {
  return child !== null && child !== undefined && child !== false && child !== true;
}

/** Find the present node for each described child: by key, or the next one of its kind (tag and first class). */
function match(parent, wanted) {
  const keyed = new Map();
  const rest = [];
  for (const node of parent.childNodes) {
    if (node.pageKey !== undefined) keyed.set(node.pageKey, node);
    else rest.push(node);
  }
  return wanted.map((described) => {
    const key = described.props?.key;
    if (key !== undefined) {
      const found = keyed.get(key);
      keyed.delete(key);
      return found && found.localName === described.tag ? found : null;
    }
    const index = rest.findIndex((node) => kindOf(node) === kind(described));
    return index < 0 ? null : rest.splice(0, index + 1)[index];
  });
}

function kind(described) {
  return typeof described === "object" ? `${described.tag}.${firstClass(described.props)}` : "#text";
}

function kindOf(node) {
  return node.nodeType === Node.TEXT_NODE ? "#text" : `${node.localName}.${firstClass(node.pageProps || {})}`;
}

function firstClass(props) {
  return (props.class || "").split(" ")[0];
}

function create(described) {
  if (typeof described !== "object") return document.createTextNode("");
  const { tag, props } = described;
  const node = SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  if (props.key !== undefined) node.pageKey = props.key;
  node.pageIsNew = true;
  return node;
}

function fill(node, described) {
  if (typeof described !== "object") {
    const text = String(described);
    if (node.data !== text) node.data = text;
    return;
  }
  apply(node, described.props);
  // What a person types belongs to the element itself.
  if (described.tag !== "textarea") render(node, described.children);
  const isNew = node.pageIsNew;
  node.pageIsNew = false;
  if (isNew && described.props.created) queueMicrotask(() => described.props.created(node));
  if (described.props.drawn) described.props.drawn(node);
}

function apply(node, props) {
  const before = node.pageProps || {};
  for (const name of Object.keys(before)) {
    if (!(name in props)) set(node, name, undefined);
  }
  for (const [name, value] of Object.entries(props)) {
    if (PROPERTIES.has(name) || before[name] !== value) set(node, name, value);
  }
  node.pageProps = props;
}

function set(node, name, value) {
  if (name === "key" || name === "created" || name === "drawn") return;
  if (name.startsWith("on")) {
    // A handler that returns false would keep the key or click from doing its work.
    node[name] = value ? (event) => void value(event) : null;
  } else if (PROPERTIES.has(name)) {
    const wanted = value === undefined ? (name === "value" ? "" : false) : value;
    if (node[name] !== wanted) node[name] = wanted;
  } else if (value === undefined || value === null || value === false) {
    node.removeAttribute(name);
  } else {
    node.setAttribute(name, value === true ? "" : String(value));
  }
}
