package stream

// quiet reports whether nothing was added since it was asked before.
func (l *lane) quiet() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	quiet := !l.fed
	l.fed = false
	return quiet
}

// Stats returns the counts. The epoch is 0 until Run has read the streams.
func (p *Publisher) Stats() PublisherStats {
	s := PublisherStats{
		Updates:      p.updates.Load(),
		Elements:     p.elements.Load(),
		SpilledBytes: p.spilled.Load(),
		Holdbacks:    p.pace.holds.Load(),
	}
	select {
	case <-p.ready:
		s.Epoch = p.epoch
	default:
	}
	for _, l := range p.lanes {
		sent := l.sender.Stats()
		s.Frames += sent.Messages
		s.Bytes += sent.Bytes
		s.Resends += sent.Resends
		s.Timeouts += sent.Timeouts
		s.Refusals += sent.Refusals
		l.mu.Lock()
		s.DroppedUpdates += l.counters.droppedUpdates
		s.DroppedElements += l.counters.droppedElements
		s.Gaps += l.counters.gaps
		s.OversizeFrames += l.counters.oversize
		l.mu.Unlock()
	}
	return s
}
