"""The game's rules once more, apart from the server's code: what a log of commands must have led to.

judge(game, command) returns the codes of the rules that forbid the command, and the events that
it makes where none does. apply(game, event) takes one event in.
"""
import dataclasses
import tomllib


@dataclasses.dataclass
class Player:
    coins: int
    cart: dict = dataclasses.field(default_factory=dict)
    inventory: dict = dataclasses.field(default_factory=dict)
    guild: str | None = None


class Game:
    def __init__(self, rules_file):
        rules = tomllib.loads(rules_file.read_text())
        self.items = rules["items"]
        self.start_coins = rules["players"]["coins"]
        self.capacity = rules["players"]["capacity"]
        self.players = {}
        self.guilds = {}
        self.sold = dict.fromkeys(self.items, 0)
        self.orders = self.trades = 0
        # Coins that came into the game and left it.
        self.granted = self.paid = 0


def holding_faults(game, item, held, more):
    limit = game.items[item].get("per_player")
    return {"item_limit"} if limit is not None and held + more > limit else set()


def room_faults(game, player, more):
    return {"capacity"} if more > 0 and sum(player.inventory.values()) + more > game.capacity else set()


def create_player(game, player):
    if player in game.players:
        return {"player_exists"}, []
    return set(), [{"event_type": "create_player", "player": player, "coins": game.start_coins}]


def grant(game, player, amount):
    return set(), [{"event_type": "grant_coins", "player": player, "amount": amount,
                    "balance": game.players[player].coins + amount}]


def spend(game, player, amount):
    coins = game.players[player].coins
    return ({"insufficient_funds"} if coins < amount else set()), [
        {"event_type": "spend_coins", "player": player, "amount": amount, "balance": coins - amount}]


def add(game, player, item, quantity):
    return set(), [{"event_type": "add_to_cart", "player": player, "item": item, "quantity": quantity,
                    "in_cart": game.players[player].cart.get(item, 0) + quantity}]


def change(game, player, item, quantity):
    return set(), [{"event_type": "change_cart", "player": player, "item": item, "in_cart": quantity}]


def remove(game, player, item):
    return (set() if item in game.players[player].cart else {"not_in_cart"}), [
        {"event_type": "remove_from_cart", "player": player, "item": item}]


def clear(game, player):
    cart = game.players[player].cart
    return (set() if cart else {"cart_empty"}), [
        {"event_type": "remove_from_cart", "player": player, "item": item} for item in cart]


def checkout(game, player):
    who, faults, events = game.players[player], set(), []
    balance, order = who.coins, game.orders + 1
    for item, quantity in sorted(who.cart.items()):
        rule = game.items[item]
        if "stock" in rule and game.sold[item] + quantity > rule["stock"]:
            faults.add("out_of_stock")
        faults |= holding_faults(game, item, who.inventory.get(item, 0), quantity)
        balance -= quantity * rule["price"]
        events.append({"event_type": "purchase_item", "player": player, "order_id": order,
                       "item": item, "kind": rule["kind"], "rarity": rule["rarity"],
                       "quantity": quantity, "price": rule["price"],
                       "total": quantity * rule["price"], "balance": balance})
    count = sum(who.cart.values())
    if not who.cart:
        faults.add("cart_empty")
    if balance < 0:
        faults.add("insufficient_funds")
    events.append({"event_type": "checkout", "player": player, "order_id": order, "items": count,
                   "total": who.coins - balance, "balance": balance})
    return faults | room_faults(game, who, count), events


def use(game, player, item, quantity):
    faults, held = set(), game.players[player].inventory.get(item, 0)
    if not game.items[item].get("usable"):
        faults.add("not_usable")
    if held < quantity:
        faults.add("insufficient_items")
    return faults, [{"event_type": "use_item", "player": player, "item": item, "quantity": quantity,
                     "left": held - quantity}]


def sell(game, player, item, quantity):
    who, rule, faults = game.players[player], game.items[item], set()
    if "sell_price" not in rule:
        faults.add("not_sellable")
    if who.inventory.get(item, 0) < quantity:
        faults.add("insufficient_items")
    total = rule.get("sell_price", 0) * quantity
    return faults, [{"event_type": "sell_item", "player": player, "item": item, "quantity": quantity,
                     "price": rule.get("sell_price", 0), "total": total,
                     "balance": who.coins + total}]


def trade(game, player, partner, gives, takes):
    """gives and takes: (coins, item or None), one of the item."""
    faults, moved = set(), []
    for giver, taker, (coins, item), (_, other) in ((player, partner, gives, takes),
                                                    (partner, player, takes, gives)):
        if game.players[giver].coins < coins:
            faults.add("insufficient_funds")
        if item:
            if game.players[giver].inventory.get(item, 0) < 1:
                faults.add("insufficient_items")
            faults |= holding_faults(game, item, game.players[taker].inventory.get(item, 0), 1)
            moved.append({"event_type": "trade_item", "trade_id": game.trades + 1, "giver": giver,
                          "taker": taker, "item": item, "quantity": 1})
        faults |= room_faults(game, game.players[taker], bool(item) - bool(other))
    return faults, [{"event_type": "trade", "trade_id": game.trades + 1, "player": player,
                     "partner": partner, "coins_given": gives[0], "coins_taken": takes[0]}, *moved]


def found(game, player, guild):
    faults = {"guild_exists"} if guild in game.guilds else set()
    if game.players[player].guild:
        faults.add("in_a_guild")
    return faults, [{"event_type": "create_guild", "guild": guild, "player": player},
                    {"event_type": "join_guild", "guild": guild, "player": player, "members": 1}]


def join(game, player, guild):
    faults = set() if guild in game.guilds else {"no_guild"}
    if game.players[player].guild:
        faults.add("in_a_guild")
    return faults, [{"event_type": "join_guild", "guild": guild, "player": player,
                     "members": len(game.guilds.get(guild, ())) + 1}]


def leave(game, player, guild):
    faults = set() if guild in game.guilds else {"no_guild"}
    if game.players[player].guild != guild:
        faults.add("not_a_member")
    return faults, [{"event_type": "leave_guild", "guild": guild, "player": player,
                     "members": len(game.guilds.get(guild, ())) - 1}]


def judge(game, command):
    kind, *words = command
    if kind is not create_player:
        missing = {who for who in words[:2 if kind is trade else 1] if who not in game.players}
        if missing:
            # A guild that is not there may be what is said instead.
            unknown = kind in (join, leave) and words[1] not in game.guilds
            return {"no_player"} | ({"no_guild"} if unknown else set()), []
    return kind(game, *words)


def move(holdings, item, more):
    holdings[item] = holdings.get(item, 0) + more
    if holdings[item] == 0:
        del holdings[item]


def apply(game, event):
    who = game.players.get(event.get("player"))
    match event["event_type"]:
        case "create_player":
            game.players[event["player"]] = Player(event["coins"])
            game.granted += event["coins"]
        case "grant_coins":
            who.coins += event["amount"]
            game.granted += event["amount"]
        case "spend_coins":
            who.coins -= event["amount"]
            game.paid += event["amount"]
        case "add_to_cart" | "change_cart":
            who.cart[event["item"]] = event["in_cart"]
        case "remove_from_cart":
            del who.cart[event["item"]]
        case "purchase_item":
            who.coins -= event["total"]
            game.paid += event["total"]
            game.sold[event["item"]] += event["quantity"]
            move(who.inventory, event["item"], event["quantity"])
        case "checkout":
            who.cart.clear()
            game.orders += 1
        case "use_item":
            move(who.inventory, event["item"], -event["quantity"])
        case "sell_item":
            who.coins += event["total"]
            game.granted += event["total"]
            game.sold[event["item"]] -= event["quantity"]
            move(who.inventory, event["item"], -event["quantity"])
        case "trade":
            partner, coins = game.players[event["partner"]], event["coins_taken"] - event["coins_given"]
            who.coins += coins
            partner.coins -= coins
            game.trades += 1
        case "trade_item":
            move(game.players[event["giver"]].inventory, event["item"], -event["quantity"])
            move(game.players[event["taker"]].inventory, event["item"], event["quantity"])
        case "create_guild":
            game.guilds[event["guild"]] = set()
        case "join_guild":
            game.guilds[event["guild"]].add(event["player"])
            who.guild = event["guild"]
        case "leave_guild":
            game.guilds[event["guild"]].remove(event["player"])
            who.guild = None
        case other:
            raise AssertionError(f"the model knows no event {other}")
