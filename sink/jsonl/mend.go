package jsonl

import "os"

// open opens the file at its end.
func (s *Sink) open() error {
	file, err := os.OpenFile(s.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close() // nothing was written to it
		return err
	}
	s.file, s.out, s.info, s.end = file, file, info, info.Size()
	return nil
}

// hand gives what is held to the operating system.
func (s *Sink) hand() error {
	if len(s.held) == 0 {
		return nil
	}
	n, err := s.out.Write(s.held)
	s.wrote += int64(n)
	if err != nil {
		s.bad = true
		s.torn = n > 0 && s.held[n-1] != '\n'
	}
	s.held = s.held[:0]
	return err
}

// mend begins anew after an error: with the file as it was at the last Flush, or, where
// others have written to it or it is none that can be cut, behind the end of a line.
func (s *Sink) mend() error {
	if !s.bad {
		return nil
	}
	if s.file != nil {
		if err := s.reopen(); err != nil {
			s.held = s.held[:0] // it is written again
			return err
		}
	}
	if s.torn {
		s.held = append(s.held, '\n')
	}
	s.wrote, s.torn, s.bad = 0, false, false
	return nil
}

func (s *Sink) reopen() error {
	was, end := s.info, s.end
	old := s.file
	if err := s.open(); err != nil {
		return err
	}
	_ = old.Close() // what it could not take is written again
	switch {
	case !os.SameFile(was, s.info):
		s.torn = false
	case s.info.Mode().IsRegular() && s.end == end+s.wrote:
		if err := s.file.Truncate(end); err != nil {
			return err
		}
		s.end, s.torn = end, false
	}
	return nil
}

// away reports whether the file is no longer where it was: moved, or taken away with
// its folder.
func (s *Sink) away() bool {
	if s.file == nil {
		return false
	}
	now, err := os.Stat(s.path)
	return err != nil || !os.SameFile(s.info, now)
}
