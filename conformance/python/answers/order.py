"""The updating order (chapter 10)."""

from keyrota import order

from . import Fields, operation, read_record, unhex


@operation("order.updating")
def order_updating(given: Fields) -> Fields:
    return {"order": order.updating(read_record(given["record"]), list(map(unhex, given["present"])))}


@operation("order.turn")
def order_turn(given: Fields) -> Fields:
    record, present = read_record(given["record"]), list(map(unhex, given["present"]))
    return {"turn": list(order.turn_after(record, present, given["author"]))}


@operation("order.due")
def order_due(given: Fields) -> Fields:
    return {"ms": order.due(given["due"], given["position"], given["made"])}
