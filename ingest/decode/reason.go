package decode

import "strconv"

// Reason says what was wrong with a message or an attribute. Reasons are the
// label values of metrics, so the set is small and their names are stable.
type Reason uint8

// Reasons of messages that cannot be decoded: the session-reset class of
// RFC 7606, framing, and messages that are no UPDATE.
const (
	ReasonNone                  Reason = iota
	ReasonNotUpdate                    // another message type; no fault
	ReasonNoAttributes                 // a RIB entry of a local route, not learned through BGP; no fault
	ReasonShort                        // fewer octets than a header
	ReasonMarker                       // marker is not all ones
	ReasonLength                       // length field and octets at hand differ
	ReasonWithdrawnLength              // Withdrawn Routes Length passes the end
	ReasonAttributesLength             // Total Path Attribute Length passes the end
	ReasonNLRI                         // prefix too long for its family, or cut short
	ReasonMPReach                      // MP_REACH_NLRI too short or next-hop length unexpected
	ReasonMPUnreach                    // MP_UNREACH_NLRI too short
	ReasonDuplicateMP                  // MP_REACH_NLRI or MP_UNREACH_NLRI twice
	ReasonUnrecognizedWellKnown        // RFC 4271 §6.3: unknown attribute without the Optional bit
	ReasonNoReachable                  // RFC 7606 §5.2: attribute error and nothing reachable to withdraw

	// Reasons to treat the announced routes as withdrawn.

	ReasonAttributeOverrun // RFC 7606 §4: attribute passes the end of the block
	ReasonAttributeFlags   // RFC 7606 §3(c): Optional or Transitive bit wrong
	ReasonOrigin
	ReasonASPath
	ReasonASZero // RFC 7607: AS 0 in AS_PATH
	ReasonNextHop
	ReasonMED
	ReasonLocalPref
	ReasonCommunities
	ReasonExtendedCommunities
	ReasonLargeCommunities
	ReasonOTC
	ReasonMissingOrigin
	ReasonMissingASPath
	ReasonMissingNextHop

	// Reasons to discard one attribute and keep the rest.

	ReasonDuplicate // RFC 7606 §3(g): all but the first are discarded
	ReasonAtomicAggregate
	ReasonAggregator
	ReasonAS4Path
	ReasonAS4Aggregator
	ReasonAS4Unwanted // AS4_PATH or AS4_AGGREGATOR on a four-octet session, RFC 6793 §4.1
	ReasonReflection  // ORIGINATOR_ID or CLUSTER_LIST of a wrong length

	// ReasonFamily counts MP_REACH_NLRI and MP_UNREACH_NLRI of a family that
	// detour does not carry. It is no fault.
	ReasonFamily

	NumReasons
)

var reasonNames = [NumReasons]string{
	ReasonNone:                  "none",
	ReasonNotUpdate:             "not-update",
	ReasonNoAttributes:          "no-attributes",
	ReasonShort:                 "short-message",
	ReasonMarker:                "marker",
	ReasonLength:                "message-length",
	ReasonWithdrawnLength:       "withdrawn-length",
	ReasonAttributesLength:      "attributes-length",
	ReasonNLRI:                  "nlri",
	ReasonMPReach:               "mp-reach",
	ReasonMPUnreach:             "mp-unreach",
	ReasonDuplicateMP:           "duplicate-mp",
	ReasonUnrecognizedWellKnown: "unrecognized-well-known",
	ReasonNoReachable:           "error-without-reachable",
	ReasonAttributeOverrun:      "attribute-overrun",
	ReasonAttributeFlags:        "attribute-flags",
	ReasonOrigin:                "origin",
	ReasonASPath:                "as-path",
	ReasonASZero:                "as-zero",
	ReasonNextHop:               "next-hop",
	ReasonMED:                   "med",
	ReasonLocalPref:             "local-pref",
	ReasonCommunities:           "communities",
	ReasonExtendedCommunities:   "extended-communities",
	ReasonLargeCommunities:      "large-communities",
	ReasonOTC:                   "otc",
	ReasonMissingOrigin:         "missing-origin",
	ReasonMissingASPath:         "missing-as-path",
	ReasonMissingNextHop:        "missing-next-hop",
	ReasonDuplicate:             "duplicate-attribute",
	ReasonAtomicAggregate:       "atomic-aggregate",
	ReasonAggregator:            "aggregator",
	ReasonAS4Path:               "as4-path",
	ReasonAS4Aggregator:         "as4-aggregator",
	ReasonAS4Unwanted:           "as4-unwanted",
	ReasonReflection:            "reflection",
	ReasonFamily:                "family",
}

// String returns the stable name of r.
func (r Reason) String() string {
	if r < NumReasons {
		return reasonNames[r]
	}
	return "reason-" + strconv.Itoa(int(r))
}

// Class is what a Reason leads to.
type Class uint8

// Classes, in the order of RFC 7606 §2 from mild to severe.
const (
	ClassNote        Class = iota // counted only
	ClassDiscard                  // one attribute is dropped
	ClassWithdraw                 // announced routes count as withdrawn
	ClassUndecodable              // nothing of the message is used
)

// Class returns what r leads to in a message. In a bare attribute block
// ClassWithdraw is an error too.
func (r Reason) Class() Class {
	switch {
	case r >= ReasonDuplicate && r <= ReasonReflection:
		return ClassDiscard
	case r >= ReasonAttributeOverrun && r <= ReasonMissingNextHop:
		return ClassWithdraw
	case r >= ReasonShort && r <= ReasonNoReachable:
		return ClassUndecodable
	}
	return ClassNote
}
