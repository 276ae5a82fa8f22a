// Package traffic makes what two ingesters of a made-up Internet hear, as MRT
// recordings that `detour ingest` plays: a table for each, ordinary churn, one leak
// whose leaker and segment are known, and labelled hijacks of watched prefixes,
// each with a hijacker of its own and a moment at which its alert is due.
//
// It owns what is known of the traffic in advance. It must not know how anything
// is detected, nor run anything. bench/chaos calls it. A Traffic is read-only once
// made.
package traffic
