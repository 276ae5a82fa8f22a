package chaos

// Options of the cases.
type Options struct {
	Short    bool
	Case     string // only this one, and the undisturbed run before it
	Detour   string // programs: detour, nats-server, and make-keys of deploy/nats
	Server   string
	MakeKeys string
	Keep     string // a folder in which all files stay; empty removes them
	Say      func(line string)
}
