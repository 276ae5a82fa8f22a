package chaos

// Options of the cases.
type Options struct {
	Short    bool
	Cases    []string // only these, or "all", and the undisturbed run before them; those of the form without any
	Detour   string   // programs: detour, nats-server, and make-keys of deploy/nats
	Server   string
	MakeKeys string
	Keep     string // a folder in which all files stay; empty removes them
	Say      func(line string)
}
