// Package mrtfile writes MRT recordings of made-up traffic, so that real
// processes can be given it: table dumps (TABLE_DUMP_V2) and UPDATEs with
// microseconds (BGP4MP_ET), of IPv4 unicast with four-octet ASNs.
//
// It owns the layout of RFC 6396 as far as that, and must not make traffic.
// bench/chaos calls it. A Writer belongs to one goroutine.
package mrtfile
