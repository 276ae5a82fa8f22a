package correlate

// Restored is called once a snapshot has filled a Correlator that New has just
// made, whose fields without the tag `snapshot:"-"` are all of its state
// (docs/state.md, "Checkpoints"). Limits may differ from those of that time: they
// hold for what is new, and nothing that is there is taken away. So may Outside,
// whose parts are looked up when something is judged.
func (c *Correlator) Restored() {
	c.paths.sweep = min(c.paths.sweep, c.paths.limit)
	c.prefixes.sweep = min(c.prefixes.sweep, c.prefixes.limit)
	c.nextVRPs = min(c.nextVRPs, len(c.outside.VRPs))
	for i := range c.sessions.list {
		s := &c.sessions.list[i]
		s.id = uint32(i)
		c.reignore = c.reignore || s.ignored != c.outside.Ignore.Match(&s.peer)
	}
}

// Shards returns of how many shards the Correlator takes evidence.
func (c *Correlator) Shards() int { return len(c.shards) }
