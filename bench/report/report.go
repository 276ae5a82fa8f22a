package report

// Report is one run of the benches.
type Report struct {
	Header   Header
	Sections []*Section
}

// Header says where the figures come from, so that they can be repeated and
// doubted.
type Header struct {
	Date       string // of the run, 2006-01-02
	Command    string
	Commit     string // with "+" behind it where the checkout held changes
	Machine    string // CPU model, cores, memory
	System     string // kernel and Go version
	LoadBefore string // load average of the machine before the run
	LoadAfter  string // and after, the run's own work included
	Others     string // processor time that others took during the run
	Short      bool   // the short form checks; what it measures says nothing
}

// Section is what one bench found.
type Section struct {
	Name    string // "decode"; the stem of its files
	Title   string
	Command string // that repeats this section alone
	Notes   []string
	Tables  []Table
	Charts  []Chart
	Bars    []Bars
	Figures []Figure
	Skipped string // why the bench did not run; empty where it did
	Failed  string // what it found wrong; then its figures are not shown
}

// Table is rows of text under columns.
type Table struct {
	Name    string // stem of the CSV file
	Title   string
	Columns []string
	Rows    [][]string
}

// Chart is lines over numeric axes.
type Chart struct {
	Name, Title string
	X, Y        string // axis titles, with units
	LogX, LogY  bool
	Series      []Series
}

// Series is one line of a Chart.
type Series struct {
	Name   string
	Points []Point
}

// Point is a place on a Chart.
type Point struct{ X, Y float64 }

// Bars is bars stacked over named places.
type Bars struct {
	Name, Title string
	Y           string
	Places      []string // below each stack
	Parts       []Part   // from the bottom
}

// Part is one part of every stack.
type Part struct {
	Name   string
	Values []float64 // by place
}

// Better says which way a figure improves.
type Better uint8

// Directions.
const (
	More Better = iota
	Less
)

// Figure is something for which a value was asked.
type Figure struct {
	What    string
	Unit    string // "×", "ns", "M elements/s", "ms"
	Reached float64
	Floor   float64 // must
	Aim     float64 // wish
	Better  Better
	Command string
}

// Floored reports whether the figure reaches its floor.
func (f *Figure) Floored() bool { return f.reaches(f.Floor) }

// Aimed reports whether the figure reaches its aim.
func (f *Figure) Aimed() bool { return f.reaches(f.Aim) }

func (f *Figure) reaches(asked float64) bool {
	if f.Better == Less {
		return f.Reached <= asked
	}
	return f.Reached >= asked
}
