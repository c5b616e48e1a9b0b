package export_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/tracking"
	"waybill/tracking/export"
)

// kmlOrder is the order in which the schemas (OGC KML 2.2 and Google's extension of it)
// have the children of an element, those of them that are used.
func kmlOrder() map[string][]string {
	return map[string][]string{
		"kml":              {"Document"},
		"Document":         {"name", "Schema", "Placemark"},
		"Schema":           {"SimpleArrayField"},
		"SimpleArrayField": {"displayName"},
		"Placemark":        {"name", "MultiTrack"},
		"MultiTrack":       {"altitudeMode", "interpolate", "Track"},
		"Track":            {"when", "coord", "ExtendedData"},
		"ExtendedData":     {"SchemaData"},
		"SchemaData":       {"SimpleArrayData"},
		"SimpleArrayData":  {"value"},
	}
}

// node is an element with its children, whichever they are.
type node struct {
	XMLName  xml.Name
	Text     string `xml:",chardata"`
	Children []node `xml:",any"`
}

func (n node) checkOrder(t *testing.T, orders map[string][]string) {
	t.Helper()
	order := orders[n.XMLName.Local]
	at := 0
	for _, child := range n.Children {
		for at < len(order) && order[at] != child.XMLName.Local {
			at++
		}
		require.Less(t, at, len(order), "%s is out of order in %s", child.XMLName.Local, n.XMLName.Local)
		child.checkOrder(t, orders)
	}
}

// count is how many elements of the name there are.
func (n node) count(name string) int {
	total := 0
	if n.XMLName.Local == name {
		total++
	}
	for _, child := range n.Children {
		total += child.count(name)
	}
	return total
}

func TestKMLKeepsToTheOrderOfItsSchema(t *testing.T) {
	t.Parallel()
	for _, count := range []int{0, 1, 499, 500, 501, 1234} {
		var fixes []tracking.Fix
		for i := range count {
			fix := tracking.NewFix(time.Unix(int64(i), 0), orb.Point{float64(i) / 100, 1})
			if i%2 == 0 {
				fix.Speed, fix.Satellites = float64(i%30), i%12
			}
			fixes = append(fixes, fix)
		}
		var file bytes.Buffer
		require.NoError(t, export.KML(&file, "]]> <b>&\x00", each(fixes)))
		var root node
		require.NoError(t, xml.Unmarshal(file.Bytes(), &root))
		require.Equal(t, xml.Name{Space: "http://www.opengis.net/kml/2.2", Local: "kml"}, root.XMLName)
		root.checkOrder(t, kmlOrder())
		require.Equal(t, "]]> <b>&\uFFFD", root.Children[0].Children[0].Text)
		require.Equal(t, count, root.count("when"))
		require.Equal(t, count, root.count("coord"))
		require.Equal(t, (count+499)/500, root.count("Track"))

		// The places are those of the fixes in their order, and each track has a value
		// of an array for each of its times.
		i := 0
		for _, track := range root.Children[0].Children[2].Children[1].Children[2:] {
			require.Equal(t, "http://www.google.com/kml/ext/2.2", track.XMLName.Space)
			for _, child := range track.Children {
				if child.XMLName.Local == "coord" {
					require.Equal(t, fmt.Sprintf("%v %v", fixes[i].Position.Lon(), fixes[i].Position.Lat()), child.Text)
					i++
				}
			}
			require.Equal(t, 2*track.count("when"), track.count("value"))
		}
		require.Equal(t, count, i)
	}
}
