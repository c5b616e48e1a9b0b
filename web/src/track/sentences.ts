// Where a shipment is, in words.
import { ago, moment, near } from "../words/format";
import { fill, type Words } from "../words/language";
import { date, stageOf, statusOf, type Place, type ShipmentLocation, type Trust } from "./model";

/** The place's name with the facility around it. */
export function placeName(words: Words, place: Place | undefined): string {
  const name = place?.displayName ?? "";
  const facility = place?.facility ?? "";
  if (facility === "" || facility === name) return name;
  return name === "" ? facility : fill(words.say.where.inside, { place: name, facility });
}

/** The sentence that answers "where is my order?". */
export function whereabouts(words: Words, shipment: ShipmentLocation): string {
  const { where } = words.say;
  const place = placeName(words, shipment.place);
  const named = (withPlace: string, without: string) => (place === "" ? without : fill(withPlace, { place }));
  switch (stageOf(shipment.stage)) {
    case "production":
      return named(where.madeAt, words.say.stage.production);
    case "warehouse":
      return named(where.storedAt, words.say.stage.warehouse);
    case "transit":
      return inTransit(words, shipment);
    case "delivered":
      return named(where.deliveredAt, where.delivered);
    case "installed":
      return named(where.installedAt, where.installed);
    case "returned":
      return where.returned;
    default:
      return place === "" ? where.notYetMade : fill(where.at, { place });
  }
}

function inTransit(words: Words, shipment: ShipmentLocation): string {
  const { where } = words.say;
  // It may stand in transit at a place of ours, between two vehicles.
  if (shipment.place?.kind !== "vehicle" && shipment.place?.displayName) {
    return fill(where.at, { place: placeName(words, shipment.place) });
  }
  const nearest = shipment.nearest;
  if (!nearest?.displayName) return where.onTheWay;
  const place = near(words, nearest.displayName, nearest.distance ?? 0, nearest.bearing ?? 0);
  return fill(place.there ? where.onTheWayAt : where.onTheWayNear, { near: place.text });
}

/** How old that is: live, last known since, or since when it has been there. */
export function freshness(words: Words, shipment: ShipmentLocation, trust: Trust, now: Date): string {
  const { seen, unknown } = words.say;
  const asOf = date(shipment.asOfTime);
  const since = date(shipment.sinceTime);
  switch (trust) {
    case "live":
      return asOf ? fill(seen.live, { ago: ago(words, asOf, now) }) : "";
    case "lastKnown":
      return asOf ? fill(seen.lastKnown, { time: moment(words, asOf, now), ago: ago(words, asOf, now) }) : unknown.other;
    case "fixed": {
      if (!since) return "";
      // Delivered is a moment, and not a state that goes on.
      const text = stageOf(shipment.stage) === "delivered" ? seen.at : seen.since;
      return fill(text, { time: moment(words, since, now) });
    }
    case "unknown":
      return why(words, shipment);
  }
}

function why(words: Words, shipment: ShipmentLocation): string {
  const { unknown } = words.say;
  switch (shipment.unknownReason) {
    case "not_yet_made":
      return unknown.notYetMade;
    case "no_device":
      return unknown.noDevice;
    case "never_seen":
      return unknown.neverSeen;
    default:
      return unknown.other;
  }
}

/** What is wrong, when something is. */
export function trouble(words: Words, shipment: ShipmentLocation): string | undefined {
  const say = words.say.trouble;
  switch (statusOf(shipment.status)) {
    case "exception":
      return shipment.disposition === "damaged" ? say.damaged : say.other;
    case "attemptFail":
      return say.attemptFail;
    case "expired":
      return say.expired;
    default:
      return shipment.disposition === "damaged" ? say.damaged : undefined;
  }
}
