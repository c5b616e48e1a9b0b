package corridor

import (
	"math"

	"github.com/paulmach/orb"
)

// vector is from the middle of the earth; points on the ground have length 1.
type vector [3]float64

func newVector(p orb.Point) vector {
	sinLon, cosLon := math.Sincos(p.Lon() * math.Pi / 180)
	sinLat, cosLat := math.Sincos(p.Lat() * math.Pi / 180)
	return vector{cosLat * cosLon, cosLat * sinLon, sinLat}
}

func (v vector) plus(w vector) vector  { return vector{v[0] + w[0], v[1] + w[1], v[2] + w[2]} }
func (v vector) minus(w vector) vector { return vector{v[0] - w[0], v[1] - w[1], v[2] - w[2]} }
func (v vector) dot(w vector) float64  { return v[0]*w[0] + v[1]*w[1] + v[2]*w[2] }

func (v vector) times(x float64) vector { return vector{v[0] * x, v[1] * x, v[2] * x} }

func (v vector) cross(w vector) vector {
	return vector{v[1]*w[2] - v[2]*w[1], v[2]*w[0] - v[0]*w[2], v[0]*w[1] - v[1]*w[0]}
}

// unit is zero for zero.
func (v vector) unit() vector {
	length := math.Sqrt(v.dot(v))
	if length == 0 {
		return v
	}
	return v.times(1 / length)
}

// arc is the angle between two points on the ground, in radians, from half the chord:
// precise for near points.
func (v vector) arc(w vector) float64 {
	chord := v.minus(w)
	return 2 * math.Asin(min(1, math.Sqrt(chord.dot(chord))/2))
}
