package live

import "detour/route"

// trimOwnAS takes the router's own AS off the front of a path that it received from a
// peer of another AS, where the peer's stands behind it. No such path exists: whoever
// passed it on wrote it as if it were sent, not received, as FRR did over BMP, and the
// collectors made of it. What stays is the path as it came.
func trimOwnAS(path *route.Path, p *route.Peer) bool {
	inbound := p.View == route.ViewAdjRIBInPre || p.View == route.ViewAdjRIBInPost
	if !inbound || p.LocalASN == 0 || p.LocalASN == p.ASN || len(path.ASNs) < 2 ||
		path.ASNs[0] != p.LocalASN || path.ASNs[1] != p.ASN {
		return false
	}
	if len(path.Segments) > 0 {
		first := &path.Segments[0]
		if first.Type != route.ASSequence || first.Count < 2 {
			return false
		}
		first.Count--
	}
	n := copy(path.ASNs, path.ASNs[1:]) // the memory is used again from its beginning
	path.ASNs = path.ASNs[:n]
	return true
}
