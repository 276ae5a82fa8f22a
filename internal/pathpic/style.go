package pathpic

// Measures in user units, which are pixels until somebody scales the picture.
const (
	pitch     = 108 // from one column of boxes to the next
	boxWidth  = 86
	boxHeight = 36
	margin    = 24
	titleLine = 22
	rowHeight = 66 // from one line of boxes to the next
	endNode   = boxWidth / 2
)

// style is for light pages; what differs on dark ones follows. A picture brings
// its own ground, so that it can be read wherever it is shown.
const style = `<style>
.ground{fill:#ffffff;stroke:#d0d7de}
text{font-family:ui-sans-serif,system-ui,"Segoe UI","DejaVu Sans",sans-serif;fill:#1f2328}
.title{font-size:14px;font-weight:600}
.small{font-size:11px;fill:#59636e}
.asn{font-size:13px;text-anchor:middle}
.name{font-size:10px;text-anchor:middle;fill:#59636e}
.role{font-size:11px;text-anchor:middle;fill:#59636e}
.mid{text-anchor:middle}
.end{text-anchor:end}
.box{fill:#f6f8fa;stroke:#8c959f;stroke-width:1.2}
.gone{stroke-dasharray:4 3}
.near{stroke:#9a6700;stroke-width:2.4;fill:#fff8c5}
.bad{fill:#cf222e;stroke:#82071e;stroke-width:2.4}
.onbad{fill:#ffffff;font-weight:700}
.badrole{fill:#cf222e;font-weight:700}
.line{fill:none;stroke:#8c959f;stroke-width:2}
.before{fill:none;stroke:#57606a;stroke-width:2;stroke-dasharray:6 4}
.after{fill:none;stroke:#cf222e;stroke-width:2.6}
.rule{stroke:#d0d7de;stroke-width:1}
@media (prefers-color-scheme: dark){
.ground{fill:#0d1117;stroke:#3d444d}
text{fill:#f0f6fc}
.small,.name,.role{fill:#9198a1}
.box{fill:#151b23;stroke:#656c76}
.near{stroke:#d29922;fill:#2e2a1f}
.bad{fill:#da3633;stroke:#ff7b72}
.onbad{fill:#ffffff}
.badrole{fill:#ff7b72}
.line{stroke:#656c76}
.before{stroke:#9198a1}
.after{stroke:#f85149}
.rule{stroke:#3d444d}
}
</style>
`
