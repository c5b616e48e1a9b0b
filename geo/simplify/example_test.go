package simplify_test

import (
	"fmt"

	"github.com/paulmach/orb"

	"waybill/geo/simplify"
)

func Example() {
	track := []orb.Point{{116.300, 39.900}, {116.310, 39.9001}, {116.320, 39.900}, {116.330, 39.910}}
	self := func(p orb.Point) orb.Point { return p }

	near := simplify.NewTolerance(20, self) // metres
	few := simplify.NewBudget(100, self)
	var kept []orb.Point
	for _, p := range track {
		for _, p := range near.Add(kept[:0], p) {
			few.Add(p)
		}
	}
	for _, p := range near.Finish(kept[:0]) {
		few.Add(p)
	}
	fmt.Println(few.Points())
	fmt.Printf("within %.0f m\n", near.Deviation()+few.Deviation())
	// Output:
	// [[116.3 39.9] [116.32 39.9] [116.33 39.91]]
	// within 11 m
}

func ExampleTolerance() {
	near := simplify.NewTolerance(2, func(p orb.Point) orb.Point { return p })
	var kept []orb.Point
	for _, p := range []orb.Point{{179.9, 10}, {-180, 10}, {-179.9, 10}} {
		kept = near.Add(kept, p)
	}
	fmt.Println(near.Finish(kept))
	// Output: [[179.9 10] [-179.9 10]]
}
