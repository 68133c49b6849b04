// Google's counting of readers, for blogs that set it: its usual lines, without an inline script.
(() => {
  const { id } = document.currentScript.dataset;
  if (["localhost", "127.0.0.1", ""].includes(location.hostname)) return; // the author's own preview
  window.dataLayer = window.dataLayer || [];
  function gtag() {
    dataLayer.push(arguments);
  }
  gtag("js", new Date());
  gtag("config", id);
  const script = document.createElement("script");
  script.async = true;
  script.src = `https://www.googletagmanager.com/gtag/js?id=${encodeURIComponent(id)}`;
  document.head.append(script);
})();
