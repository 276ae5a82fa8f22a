// Package pathpic draws the AS paths of an alert as SVG: how its sample routes
// ran before and after, and how they meet at the suspect.
//
// It owns how that looks: peers left, origins right, the suspect red, the two
// beside it named by their role, readable on light and on dark pages and
// without colour. It must not judge, read files or reach the network; what it
// draws is in the alert. Documentation calls it, and whoever shows alerts to
// people may. Its functions keep no state and may be called from any number of
// goroutines.
package pathpic
