// Package latency gathers durations of one stage of the pipeline and tells
// their percentiles. It is called once per frame, never per element; a Recorder
// may be used from any goroutine.
package latency
