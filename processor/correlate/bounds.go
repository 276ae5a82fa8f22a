package correlate

// Bounds returns the limits that a correlator of this configuration keeps to,
// defaults filled in.
func (c Config) Bounds() Limits { return c.withDefaults().Limits }
