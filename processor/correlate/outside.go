package correlate

import "detour/processor/reference"

// Outside is what is known from elsewhere. Every part is optional, and every
// part is only evidence.
type Outside struct {
	Relationships *reference.Relationships
	VRPs          []VRPs // in the order of From
	Names         *reference.Names
	Lists         *reference.Lists
	Watch         *reference.Watch
}
