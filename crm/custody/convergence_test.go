package custody_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"waybill/crm/crmtest"
	"waybill/crm/order"
)

// Whatever order people record in, and whatever of the drive is known when they do,
// the same events hold in the end.
func TestRecordingInAnyOrderComesToTheSame(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	type happening struct {
		step, place, vehicle string
		minute               float64
	}
	story := []happening{
		{order.Commissioning, crmtest.Station, "", -20},
		{order.Storing, crmtest.Bay, "", -10},
		{order.Loading, "", crmtest.Truck, 2},
		{order.Unloading, crmtest.DepotBay, "", 22},
		{order.Loading, crmtest.Store, crmtest.Truck, 23},
		{order.Accepting, "", "", 40},
	}
	drive := []func(){
		func() { w.Drive(t, crmtest.At(0), crmtest.AtFactory) },
		func() { w.Drive(t, crmtest.At(10), crmtest.OnRoad) },
		func() { w.Drive(t, crmtest.At(20), crmtest.AtDepot) },
		func() { w.Drive(t, crmtest.At(25), crmtest.OnRoad) },
		func() { w.Drive(t, crmtest.At(30), crmtest.AtLab) },
		func() { w.Drive(t, crmtest.At(50), crmtest.OnRoad) },
	}
	shuffle := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test's shuffle
	const orders = 6
	var todo []func()
	for i := range orders {
		id := fmt.Sprintf("SO-%d", i)
		w.Order(t, id, "acme", "lab")
		for _, h := range story {
			todo = append(todo, func() { w.Happen(t, id, h.step, crmtest.At(h.minute), h.place, h.vehicle) })
		}
	}
	todo = append(todo, drive...)
	shuffle.Shuffle(len(todo), func(i, j int) { todo[i], todo[j] = todo[j], todo[i] })
	for i, do := range todo {
		do()
		if i%5 == 0 {
			w.Drain(t)
		}
	}
	w.Drain(t)
	for i := range orders {
		words := w.Events(t, fmt.Sprintf("SO-%d", i))
		words = slices.DeleteFunc(words, func(word string) bool { return word[0] == '-' })
		require.Equal(t, []string{
			"commissioning", "storing", "loading", "departing*", "unloading", "loading", "departing*", "arriving*", "accepting",
		}, words)
	}
}
