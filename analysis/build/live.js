// What `make serve` puts into a page on its way to the browser: what was saved is shown, at the same place; an error is
// said over the page until it is mended.
{
  const { made } = document.currentScript.dataset
  let news
  const follow = () => {
    news?.close()
    if (document.hidden) return // a browser has few connections to one server
    news = new EventSource(`/.live/news?page=${encodeURIComponent(location.pathname)}`)
    news.onmessage = ({ data }) => {
      const now = JSON.parse(data)
      if (!now.wrong && now.made !== made) return location.reload()
      document.getElementById("live-wrong")?.remove()
      if (!now.wrong) return
      const said = document.createElement("pre")
      said.id = "live-wrong"
      said.setAttribute("role", "alert")
      said.textContent = now.wrong
      said.style.cssText =
        "position:fixed;inset:0;z-index:99999;margin:0;padding:2rem;overflow:auto;white-space:pre-wrap;" +
        "font-size:1rem;line-height:1.5;color:#fff;background:#3b0d11f2"
      document.body.append(said)
    }
  }
  document.addEventListener("visibilitychange", follow)
  follow()
}
