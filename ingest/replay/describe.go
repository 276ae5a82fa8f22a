package replay

import "fmt"

// Describe says for people what is read and how it fares. Any goroutine may ask.
func (s *Source) Describe() string {
	what := "replay of " + s.cfg.Collector
	switch p := s.Progress(); {
	case p.Priming:
		return fmt.Sprintf("%s: priming, %d elements", what, p.Elements)
	case p.Updates == 0:
		return what + ": waiting"
	default:
		return fmt.Sprintf("%s: %d elements, now at %s", what, p.Elements,
			p.Engine.Std().UTC().Format("2006-01-02 15:04:05"))
	}
}
