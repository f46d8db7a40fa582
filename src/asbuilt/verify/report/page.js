(function () {
  "use strict";

  // SHA-256 (FIPS 180-4), written out: a browser's own is not to be had on pages that came over plain HTTP.
  var K = [];
  var START = [];
  (function () {
    function fraction(x) { return ((x - Math.floor(x)) * 4294967296) | 0; }
    for (var n = 2; K.length < 64; n++) {
      var prime = true;
      for (var d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break; }
      if (!prime) continue;
      if (START.length < 8) START.push(fraction(Math.sqrt(n)));
      K.push(fraction(Math.cbrt(n)));
    }
  })();

  function sha256(text) {
    var bytes = new TextEncoder().encode(text);
    var blocks = Math.ceil((bytes.length + 9) / 64);
    var padded = new DataView(new ArrayBuffer(blocks * 64));
    new Uint8Array(padded.buffer).set(bytes);
    padded.setUint8(bytes.length, 0x80);
    padded.setUint32(blocks * 64 - 8, Math.floor(bytes.length / 0x20000000));
    padded.setUint32(blocks * 64 - 4, (bytes.length << 3) >>> 0);
    var hash = START.slice();
    var w = new Int32Array(64);
    function turned(x, n) { return (x >>> n) | (x << (32 - n)); }
    for (var block = 0; block < blocks; block++) {
      for (var i = 0; i < 16; i++) w[i] = padded.getInt32(block * 64 + i * 4);
      for (i = 16; i < 64; i++) {
        var s0 = turned(w[i - 15], 7) ^ turned(w[i - 15], 18) ^ (w[i - 15] >>> 3);
        var s1 = turned(w[i - 2], 17) ^ turned(w[i - 2], 19) ^ (w[i - 2] >>> 10);
        w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
      }
      var v = hash.slice();
      for (i = 0; i < 64; i++) {
        var e = v[4];
        var t1 = (v[7] + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & v[5]) ^ (~e & v[6])) + K[i] + w[i]) | 0;
        var a = v[0];
        var t2 = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]))) | 0;
        v = [(t1 + t2) | 0, a, v[1], v[2], (v[3] + t1) | 0, e, v[5], v[6]];
      }
      for (i = 0; i < 8; i++) hash[i] = (hash[i] + v[i]) | 0;
    }
    return hash.map(function (word) { return (word >>> 0).toString(16).padStart(8, "0"); }).join("");
  }

  function all(selector, within) { return Array.from((within || document).querySelectorAll(selector)); }

  // What the page shows is what its data hold, and the data are what the digests were made of.

  var UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

  function member(value, path) {
    return path.split(".").reduce(function (found, name) {
      return found !== null && typeof found === "object" && Object.hasOwn(found, name) ? found[name] : undefined;
    }, value);
  }

  function faults(data) {
    var found = [];
    var rest = Object.assign({}, data);
    delete rest.digest;
    var digest = sha256(JSON.stringify(rest));
    if (digest !== data.digest || digest !== document.getElementById("digest").textContent) {
      found.push("the data are not those that the digest was made of");
    }
    var claims = new Map(data.claims.map(function (claim) { return [claim.id, claim]; }));
    var articles = all("article[data-claim]");
    if (articles.length !== claims.size) found.push(articles.length + " of " + claims.size + " claims are shown");
    articles.forEach(function (article) {
      var claim = claims.get(article.dataset.claim);
      var right = claim !== undefined && same(article, claim);
      if (!right) {
        found.push("claim " + article.dataset.claim + " is not shown as it was found");
        article.classList.add("altered");
      }
    });
    all("[data-total]").forEach(function (total) {
      var standing = total.dataset.total;
      var count = data.claims.filter(function (claim) { return claim.standing === standing; }).length;
      if (String(count) !== total.textContent || data.summary[standing] !== count) {
        found.push("the number of " + standing + " claims is not what is shown");
      }
    });
    return found;
  }

  function same(article, claim) {
    var word = article.querySelector(".said .word");
    var right = article.dataset.standing === claim.standing && word !== null && word.textContent === claim.standing;
    all("[data-at]", article).forEach(function (shown) {
      var value = member(claim, shown.dataset.at);
      right = right && value !== undefined && String(value).replace(UNSEEN, "\ufffd") === shown.textContent;
    });
    var digest = article.querySelector(".digest code");
    if ((claim.evidence === null) !== (digest === null)) return false;
    if (digest !== null) {
      var computed = sha256(JSON.stringify(claim.evidence));
      var matches = computed === claim.digest && computed === digest.textContent;
      article.querySelector(".compared").textContent = matches ? "✓ matches" : "✗ does not match";
      right = right && matches;
    }
    return right;
  }

  function check() {
    var data = JSON.parse(document.getElementById("data").textContent);
    var found = faults(data);
    var told = document.getElementById("check");
    if (found.length === 0) {
      told.textContent = "✓ All " + data.claims.length + " claims are shown as they were found: what this page shows" +
        " agrees with its data, and these with their digests.";
      told.className = "right";
      return;
    }
    told.textContent = "✗ This page was changed after it was written: " + found.slice(0, 5).join("; ") + ".";
    told.className = "wrong";
    document.body.insertBefore(told, document.body.firstChild);
  }

  // The filter

  function show(standing) {
    all("[data-show]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.show === standing));
    });
    var every = standing === "all";
    function without(element) {
      return !every && !(element.dataset.has || "").split(" ").includes(standing) &&
        element.querySelector('[data-has~="' + standing + '"]') === null;
    }
    all("main .line, main tbody tr, main .beside, main .block").forEach(function (element) {
      element.classList.toggle("hidden", without(element));
    });
    all("main article").forEach(function (article) {
      article.classList.toggle("hidden", !every && article.dataset.standing !== standing);
    });
    headings(every);
    document.documentElement.dataset.shown = standing;
  }

  // A heading stays where something under it does.
  function headings(every) {
    var bound = 0;
    Array.from(document.querySelector("main").children).reverse().forEach(function (element) {
      if (!/^H[1-6]$/.test(element.tagName)) {
        if (!element.classList.contains("hidden")) bound = 7;
        return;
      }
      var level = Number(element.tagName[1]);
      element.classList.toggle("hidden", !every && level >= bound);
      if (level < bound) bound = level;
    });
  }

  function follow() {
    var fragment = location.hash.slice(1);
    try { fragment = decodeURIComponent(fragment); } catch (malformed) { return; }
    if (fragment.startsWith("show-")) {
      var button = all("[data-show]").find(function (one) { return one.dataset.show === fragment.slice(5); });
      if (button) show(button.dataset.show);
      return;
    }
    var target = fragment && document.getElementById(fragment);
    if (!target) return;
    if (target.closest(".hidden") !== null) show("all");
    for (var at = target; at !== null; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
  }

  all("[data-show]").forEach(function (button) {
    button.addEventListener("click", function () {
      show(button.dataset.show);
      history.replaceState(null, "", button.dataset.show === "all" ? "#" : "#show-" + button.dataset.show);
      document.querySelector("main").scrollIntoView();
    });
  });
  all("[data-fold]").forEach(function (button) {
    button.addEventListener("click", function () {
      var open = button.dataset.fold === "open";
      all("main details").forEach(function (details) { details.open = open; });
      button.dataset.fold = open ? "close" : "open";
      button.textContent = open ? "Close all evidence" : "Open all evidence";
    });
  });
  document.documentElement.classList.add("scripted");
  window.addEventListener("hashchange", follow);
  check();
  follow();
})();
