package text_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"waybill/crm"
	"waybill/crm/location"
	"waybill/crm/order"
	"waybill/crm/place"
	"waybill/crm/text"
)

func shanghai() *time.Location { return time.FixedZone("CST", 8*3600) }

func at(hour, minute int) time.Time { return time.Date(2026, 11, 22, hour-8, minute, 0, 0, time.UTC) }

func TestAnswer(t *testing.T) {
	t.Parallel()
	promised := order.Order{ID: "SO-1001", Promised: order.Window{From: at(16, 0), To: at(18, 0)}}
	truck := &location.Place{Kind: crm.Vehicle}
	near := &place.Near{DisplayName: "Kunshan", Distance: 12_300, Bearing: 44}
	for name, c := range map[string]struct {
		at     location.Location
		en, zh string
	}{
		"on the way": {
			at: location.Location{Order: promised, Shipments: []location.Shipment{{
				ID: "1", Stage: order.Transit, Status: order.StatusInTransit, Place: truck, Nearest: near,
				Freshness: location.Live, AsOf: at(14, 5), Since: at(9, 0),
			}}},
			en: "SO-1001: On the way, 12 km northeast of Kunshan. Seen 22 Nov 14:05. Promised delivery: 22 Nov 16:00-18:00 (UTC+8).",
			zh: "SO-1001：运输途中，Kunshan东北方向约 12公里。定位时间 11月22日 14:05。承诺送达时间：11月22日 16:00-18:00（UTC+8）。",
		},
		"last known": {
			at: location.Location{Order: order.Order{ID: "SO-1"}, Shipments: []location.Shipment{{
				ID: "1", Stage: order.Transit, Place: truck, Nearest: &place.Near{DisplayName: "Kunshan", Distance: 300},
				Freshness: location.LastKnown, AsOf: at(7, 30), Since: at(7, 0),
			}}},
			en: "SO-1: On the way, near Kunshan. Last known position, from 22 Nov 07:30 (UTC+8). No time of delivery is promised yet.",
			zh: "SO-1：运输途中，Kunshan附近。最后已知位置，11月22日 07:30（UTC+8）。送达时间待定。",
		},
		"damaged in the warehouse": {
			at: location.Location{Order: promised, Shipments: []location.Shipment{{
				ID: "1", Stage: order.Warehouse, Status: order.StatusException, Disposition: order.Damaged,
				Place: &location.Place{Kind: crm.StorageLocation, DisplayName: "Bay 4", Facility: "Depot"}, Freshness: location.Fixed, Since: at(9, 0),
			}}},
			en: "SO-1001: In the warehouse at Bay 4, Depot. Since 22 Nov 09:00. Damage was found. Promised delivery: 22 Nov 16:00-18:00 (UTC+8).",
			zh: "SO-1001：存放于Depot Bay 4。自 11月22日 09:00 起。发现货物损坏。承诺送达时间：11月22日 16:00-18:00（UTC+8）。",
		},
		"delivered": {
			at: location.Location{Order: promised, Shipments: []location.Shipment{{
				ID: "1", Stage: order.Delivered, Status: order.StatusDelivered,
				Place: &location.Place{Kind: crm.Site, DisplayName: "Main lab"}, Freshness: location.Fixed, Since: at(17, 2),
			}}},
			en: "SO-1001: Delivered to Main lab. Handed over: 22 Nov 17:02 (UTC+8).",
			zh: "SO-1001：已送达Main lab。交付时间：11月22日 17:02（UTC+8）。",
		},
		"not yet made": {
			at: location.Location{Order: promised, Shipments: []location.Shipment{{ID: "1", Freshness: location.Unknown, Unknown: location.NotYetMade}}},
			en: "SO-1001: Production has not begun yet. Promised delivery: 22 Nov 16:00-18:00 (UTC+8).",
			zh: "SO-1001：尚未开始生产。承诺送达时间：11月22日 16:00-18:00（UTC+8）。",
		},
		"never seen": {
			at: location.Location{Order: order.Order{ID: "SO-1"}, Shipments: []location.Shipment{{
				ID: "1", Stage: order.Transit, Place: truck, Freshness: location.Unknown, Unknown: location.NeverSeen, Since: at(7, 0),
			}}},
			en: "SO-1: On the way. We don't know where it is at the moment. No time of delivery is promised yet.",
			zh: "SO-1：运输途中。暂不清楚货物的位置。送达时间待定。",
		},
		"several": {
			at: location.Location{Order: order.Order{ID: "SO-1"}, Shipments: []location.Shipment{
				{ID: "1", Stage: order.Delivered, Status: order.StatusDelivered},
				{ID: "2", Stage: order.Transit, Status: order.StatusOutForDelivery, Place: truck, Freshness: location.Unknown, Unknown: location.NeverSeen},
				{ID: "3", Status: order.StatusPending, Freshness: location.Unknown, Unknown: location.NotYetMade},
			}},
			en: "SO-1: 3 shipments, 1 delivered. Number 2: On the way. We don't know where it is at the moment. No time of delivery is promised yet.",
			zh: "SO-1：共 3 批，1 批已送达。第 2 批：运输途中。暂不清楚货物的位置。送达时间待定。",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.en, text.Answer(c.at, "en", shanghai()))
			require.Equal(t, c.zh, text.Answer(c.at, "zh", shanghai()))
		})
	}
}

// Whatever the names, an answer is short, and no machine takes it for a question.
func TestAnyAnswerFits(t *testing.T) {
	t.Parallel()
	name := rapid.OneOf(rapid.StringN(0, 60, 200), rapid.SampledFrom([]string{"Ürümqi’s Chạm", "苏州工业园区", "STOP", strings.Repeat("Llanfair", 9)}))
	rapid.Check(t, func(t *rapid.T) {
		shipment := rapid.Custom(func(t *rapid.T) location.Shipment {
			s := location.Shipment{
				ID:          rapid.SampledFrom([]string{"1", "2", "a-longer-name"}).Draw(t, "id"),
				Stage:       rapid.SampledFrom([]order.Stage{"", order.Production, order.Warehouse, order.Transit, order.Delivered, order.Installed, order.Returned}).Draw(t, "stage"),
				Status:      rapid.SampledFrom([]order.Status{order.StatusPending, order.StatusInTransit, order.StatusException}).Draw(t, "status"),
				Disposition: rapid.SampledFrom([]string{"", order.Damaged}).Draw(t, "disposition"),
				Freshness:   rapid.SampledFrom([]location.Freshness{location.Live, location.LastKnown, location.Fixed, location.Unknown}).Draw(t, "freshness"),
				AsOf:        at(14, 0), Since: at(13, 0),
			}
			if rapid.Bool().Draw(t, "placed") {
				s.Place = &location.Place{DisplayName: name.Draw(t, "place"), Facility: name.Draw(t, "facility"), Kind: crm.Facility}
			}
			if rapid.Bool().Draw(t, "near") {
				s.Nearest = &place.Near{DisplayName: name.Draw(t, "near"), Distance: rapid.Float64Range(0, 2e5).Draw(t, "metres"), Bearing: rapid.Float64Range(-360, 720).Draw(t, "bearing")}
			}
			return s
		})
		l := location.Location{
			Order: order.Order{
				ID:       rapid.SampledFrom([]string{"SO-1", "STOP", "TRACK", "TRACK-12345678", strings.Repeat("9", 63)}).Draw(t, "order"),
				Promised: order.Window{From: at(16, 0), To: at(40, 0)},
			},
			Shipments: rapid.SliceOfN(shipment, 0, 3).Draw(t, "shipments"),
		}
		for _, language := range []string{"en", "zh", "de"} {
			answer := text.Answer(l, language, shanghai())
			require.NotEmpty(t, answer)
			require.True(t, text.Fits(answer), "%q", answer)
			_, asks := text.Read(answer)
			require.False(t, asks, "%q", answer)
		}
	})
}

// What is said of a place is what the tracking page says of it.
func TestPlacesAreSaidAsOnThePage(t *testing.T) {
	t.Parallel()
	for language, file := range map[string]string{"en": "../../web/src/words/en.ts", "zh": "../../web/src/words/zh.ts"} {
		page, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, sentence := range text.PageWords(language) {
			require.Contains(t, string(page), `"`+sentence+`"`, language)
		}
	}
}
