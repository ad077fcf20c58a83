"""Concrete nouns that prose may not bring into a scene by itself, and the ones it always may."""

from __future__ import annotations

from functools import lru_cache

PEOPLE = """
    acolyte acrobat actor admiral adventurer alchemist ambassador angel anyone apothecary
    apprentice archer aristocrat army artisan artist assassin attacker attendant audience aunt
    baby bailiff baker band bandit banker barbarian barber bard barkeep barmaid baron baroness
    bartender beggar bishop blacksmith boatman bodyguard boy bride brigand brother brute
    builder burglar butcher butler bystander captain captive caretaker carpenter cat-burglar
    champion chancellor chaplain chef chief child clan clergyman cleric clerk clown coachman
    cobbler commander companion cook corpse couple courtier cousin craftsman crew crone crowd
    cultist customer cutpurse dancer daughter deacon demon detective devil diplomat djinn
    doctor doorman dragon-slayer druid drunk drunkard duchess duke dwarf elder elf emperor
    empress enchanter enchantress enemy everybody everyone executioner explorer fairy family
    farmer farmhand father fellow fiddler fighter figure fisher fisherman fishmonger fishwife
    foe folk footman footpad fortune-teller friar friend gambler gang gardener gatekeeper
    gatherer genie gentleman gentleperson ghost ghoul giant girl gladiator gnome goblin god
    goddess grandfather grandmother gravedigger grocer groom guard guardian guardsman guest
    guide gunner gypsy harlot harper healer henchman herald herbalist herdsman hermit hero
    heroine highwayman host hostess hunter huntress husband imp infant innkeeper inquisitor
    intruder jailer jester jeweller judge juggler keeper kid king knave knight laborer labourer
    lad lady landlady landlord lass lawyer leader librarian lord lover madman mage magician
    magistrate maid maiden man mason mayor mercenary merchant mermaid messenger midwife militia
    miller miner minister minstrel monk monster mother mourner murderer musician neighbor
    neighbour nephew niece noble nobleman noblewoman nun nurse nymph officer official ogre
    onlooker opponent oracle orc orphan others outlaw page painter paladin party patrolman
    patrols patron pauper peasant peddler pedlar pickpocket pilgrim pirate pixie poacher poet
    policeman porter potter preacher priest priestess prince princess prisoner prophet queen
    ranger rebel regular robber rogue ruffian ruler sailor saint salesman savage scholar
    scientist scoundrel scout scribe sculptor seamstress seer sentinel sentry sergeant servant
    shepherd sheriff shipwright shopkeeper shopper sibling singer siren sister skeleton slave
    smith smuggler soldier somebody someone sorcerer sorceress soul specter spectre spirit spy
    squire steward stranger student sultan surgeon swordsman tailor tanner teacher team
    teammate thief thug tinker townsfolk townsman townspeople trader tradesman trainer traitor
    traveler traveller tribe trickster troll troop troubadour tutor twin tyrant uncle undead
    undertaker urchin vagabond vagrant vampire vendor victim villager villain visitor voices
    waif waiter waitress wanderer warden warlock warrior watchman weaver werewolf widow widower
    wife witch wizard woman woodcutter woodsman worker worshipper wraith youth zombie
"""

ANIMALS = """
    animal ant ape badger bat bear beast beaver bee beetle bird bison boar buck bug bull
    butterfly calf camel cat caterpillar cattle centipede chick chicken cobra cockroach colt
    cow crab creature cricket crocodile crow cub deer dog dolphin donkey dove dragon dragonfly
    duck eagle eel elephant elk falcon ferret finch firefly flea fly fox frog gator goat goose
    griffin gryphon gull hare hawk hedgehog hen heron hog hornet horse hound insect jackal
    kitten lamb lark leech leopard lion lizard lobster locust louse lynx maggot magpie mare
    mole monkey moose mosquito moth mouse mule newt nightingale octopus otter owl ox oyster
    panther parrot peacock pelican phoenix pig pigeon pony porcupine puppy python rabbit
    raccoon ram rat raven reptile robin rodent rooster salamander salmon scorpion seabird
    seagull seal serpent shark sheep shrew shrimp skunk slug snail snake sparrow spider squid
    squirrel stag stallion starling steed stork swallow swan swine tadpole tiger toad tortoise
    trout turkey turtle unicorn viper vole vulture wasp weasel whale wolf wolfhound worm wyvern
    zebra
"""

PLACES = """
    abbey academy alcove alley alleyway altar apartment arcade arch archway arena armory
    armoury attic avenue bakery balcony ballroom bank bar barn barracks basement bathhouse
    battle battlefield battlement bay bazaar beach bedchamber bedroom belfry boathouse bog
    boulevard bridge brook brothel building bunker cabin camp campsite canal canyon castle
    catacomb cathedral cave cavern cell cellar cemetery chamber chapel church circus city
    clearing cliff cloister coast coastline convent corridor cottage courthouse courtyard cove
    crossing crossroad crossroads crypt dam den desert dining-room ditch dock dockside
    dormitory dune dungeon dwelling embassy estate factory farm farmhouse farmland field fjord
    ford forest forge fort fortress fountain foyer gallery garden garret gate gatehouse gateway
    glade glen gorge granary grave graveyard greenhouse grotto grove guardhouse guildhall gulf
    gully hall hallway hamlet harbor harbour haven headquarters heath hideout highway hill
    hillside hole hospital hotel house hovel hut inn island isle jail jetty jungle kingdom
    kitchen laboratory lagoon lair lake lane library lighthouse lobby lodge loft lounge manor
    mansion market marketplace marsh mausoleum maze meadow mill mine moat monastery monument
    moor mosque motel mountain museum necropolis nursery oasis observatory ocean office orchard
    outhouse outpost palace pantry park parlor parlour passage passageway pasture path pathway
    pavilion peak peninsula pier pit plain plantation plateau plaza pond pool port prairie
    prison promenade pub pyramid quarry quay railway ranch ravine reef refuge reservoir
    restaurant ridge river riverbank road roadside room ruin ruins sanctuary sanctum savanna
    sawmill school scullery sea seashore seaside settlement sewer shack shed shipyard shop
    shore shrine slum smithy spa square stable stairwell store storehouse storeroom stream
    street study suburb summit swamp synagogue tavern temple tent territory theater theatre
    throne-room tomb tower town trail treasury trench tundra tunnel university valley vault
    vestibule villa village vineyard volcano walkway ward warehouse wasteland waterfall
    waterfront weir well wharf wilderness windmill wood woodland woods workshop yard zoo
"""

FURNISHINGS = """
    alarm anchor andiron anvil armchair awning banister banner barrel barricade basin bath
    bathtub bed bedpost bellows bench blanket bookcase bookshelf booth brazier bunk bureau
    cabinet cage candelabra candlestick canopy carpet cask casket cauldron chair chandelier
    chest chimney clock closet coffin column coop cot couch counter cradle crate crib cupboard
    curtain cushion desk door doorbell doorway drain drawbridge drawer dresser easel effigy
    fence fireplace flagpole furnace furniture gallows gargoyle gravestone grill grindstone
    hammock hatch headstone hearth hinge hive hutch icon idol kennel keyhole kiln ladder
    lamppost lattice lectern lever loom mantel mantelpiece mat mattress mirror mural nest
    obelisk organ oven pallet panel pedestal pew pillar pillow plaque platform plinth podium
    portcullis portrait post pulpit pump rack railing rug sarcophagus scaffold scaffolding
    sculpture seat settee shelf shutter sign signpost sink sofa spit stage stair staircase
    stairs stairway stake stall statue stool stove table tablecloth tapestry throne tombstone
    trapdoor trellis trough trunk turnstile turret urn vase wardrobe washbasin wheel winch
    window windowpane windowsill workbench
"""

THINGS = """
    accordion album almanac amethyst amulet ankh antler apparatus artefact artifact bag bagpipe
    bait ball balloon bandage bangle basket beacon bead beaker bell belongings bible bill
    binoculars block boat bolt bone bonfire book booklet bottle boulder bouquet bowl box
    bracelet brick briefcase brooch broom brush bucket bundle buoy cable calendar camera candle
    cane canister canteen canvas card carving casserole certificate chain chalice chalk charm
    chessboard chip chisel cigar cigarette cinder clasp clay coal coin collar comb compass
    computer contract cord cork corkscrew crayon crowbar crown crucifix crystal cup diadem
    diamond diary dice dictionary document doll drum earring elixir ember emerald envelope
    fang-charm feather fiddle figurine file fishhook fishing-rod flag flagon flask flint float
    flute flyer folder fork fuse gadget garland gavel gear gem gemstone glasses globe goblet
    gold gong grail grimoire guitar hairpin hammer handbag handcuffs harness harp hoe hook horn
    horseshoe hose hourglass incense ingot ink inkwell instrument ivory jar jewel jewellery
    jewelry journal jug kettle key keychain keyring kite knapsack knob knot lamp lantern leash
    ledger lens letter lever lid light-bulb line lock locket lockpick log lure lute lyre
    machine magnet manacle manuscript map marble mask match medal medallion menu message
    microphone money mop mortar mug nail napkin necklace needle net newspaper note notebook
    nugget oar oil opal orb ornament package packet padlock pail paint paintbrush painting pan
    paper paperweight parcel parchment passport pearl pebble pen pencil pendant pestle phone
    photograph piano pickaxe picture pillbox pin pincers pipe pitcher pitchfork plank plate
    pliers plough plow pocketwatch poem poison postcard poster pot potion pouch powder prism
    prize propeller pulley purse puzzle quill radio raft rag rake ransom rattle receipt recipe
    record reel reins relic ring rock rod rope rosary rubble ruby rudder rune sack saddle
    saddlebag safe sail sapphire saucepan saucer saw scale scepter sceptre scissors scrap screw
    screwdriver scroll scythe seed shackle shell ship shovel sickle sieve silver skeleton-key
    skull sled sleigh snare snuffbox soap spade spectacles spellbook spindle sponge spool spoon
    spyglass stamp statuette stick stone string suitcase sundial syringe tablet talisman
    tambourine tank tape tar teapot telescope television thimble thread ticket tinderbox
    tobacco toilet token tome tongs tool toolbox topaz torch totem towel toy trap tray treasure
    trinket trophy trowel trumpet tube tusk tweezers twig umbrella vial viol violin wallet wand
    watch wax whetstone whistle wick wig wine-glass wire wrench yarn zither
"""

WEAPONS = """
    ammunition armor armour arrow arrowhead axe ballista baton battering-ram battleaxe bayonet
    blade blowgun bomb boomerang bow bowstring breastplate broadsword buckler bullet cannon
    cannonball catapult chainmail club crossbow cudgel cuirass cutlass dagger dart dirk
    dynamite epee explosive flail gauntlet gauntlets greatsword greaves grenade gun halberd
    handgun harpoon hatchet hauberk helm helmet hilt holster javelin katana knife lance longbow
    longsword mace machete machine-gun musket noose pike pistol polearm quarterstaff quiver
    rapier revolver rifle saber sabre scabbard scimitar sheath shield shiv shotgun sledgehammer
    sling slingshot spear spearhead staff stiletto sword tomahawk trident truncheon visor
    warhammer weapon whip
"""

CLOTHES = """
    apron bandana belt beret blouse bodice bonnet boot boots bracer breeches buckle button cap
    cape cassock cloak clothes clothing coat corset costume cowl crinoline doublet dress
    earmuffs garment girdle glove goggles gown habit handkerchief hat headband headdress
    headscarf hood jacket jerkin kilt kimono loincloth mantle mitten moccasin nightgown outfit
    overcoat pajamas pants petticoat pocket poncho raincoat ribbon robe robes sandal sandals
    sari sash scarf shawl shirt shoe shoes shorts skirt slipper slippers smock sock stocking
    stockings suit surcoat sweater tiara toga trousers tunic turban underwear uniform veil vest
    waistcoat wardrobe
"""

VEHICLES = """
    airplane automobile barge bicycle buggy bus canoe car caravan carriage cart chariot coach
    dinghy ferry frigate galleon galley gondola helicopter kayak locomotive motorboat
    motorcycle plane rowboat sailboat schooner spaceship steamer submarine tractor train tram
    truck van wagon wheelbarrow yacht
"""

FOOD = """
    ale almond apple apricot bacon bagel banana barley bean beef beer beet berry biscuit
    blackberry brandy bread breakfast broth bun butter cabbage cake candy carrot celery cereal
    cheese cherry chestnut chili chocolate chowder cider cinnamon clam clove cocoa coconut
    coffee cookie corn cracker cream crust cucumber curry custard dessert dinner dish dough
    drink egg feast fig fish flour food fruit fudge garlic gin ginger gingerbread grain grape
    grapefruit gravy ham hamburger hazelnut herb herring honey ice-cream jam jelly juice kebab
    lager lard leek lemon lemonade lentil lettuce lime liqueur liquor loaf lunch mackerel mango
    mead meal meat melon milk milkshake mint muffin mushroom mussel mustard mutton noodle nut
    nutmeg oat oatmeal olive omelette onion orange pancake pasta pastry pea peach peanut pear
    pepper pickle pie pineapple pizza plum popcorn pork porridge potato pretzel pudding pumpkin
    radish raisin raspberry ration rice roast rum saffron sake salad salami salt sandwich
    sardine sauce sausage snack soda soup spaghetti spice spinach steak stew strawberry sugar
    supper syrup tart tea toast tomato treat truffle tuna turnip vegetable venison vinegar
    vodka waffle walnut watermelon wheat whiskey whisky wine yogurt
"""

GROWTH = """
    acorn algae bark birch blossom bluebell boulder bramble branch bud bush cactus cedar clover
    crop daffodil daisy dandelion elm fern fir flower foliage fungus grapevine hay hedge
    hemlock herbs holly ivy leaf lichen lily lotus maple mistletoe moss nettle oak orchid palm
    petal pine poppy reed root rose rosebush sapling seaweed shrub shrubbery stalk straw stump
    sunflower thicket thistle thorn toadstool tree treetop tulip undergrowth vine violet weed
    wildflower willow yew
"""

NATURE = """
    avalanche blizzard blood boulder campfire cloud comet crater earthquake flood geyser
    glacier hail hurricane iceberg icicle lava lightning meteor moon mud planet puddle rain
    rainbow sandstorm snow snowdrift star storm sun sunlight sunrise sunset thunder
    thunderstorm tornado wave whirlpool
"""

UNCANNY = """
    apparition aura blessing ceremony curse enchantment explosion fireball forcefield illusion
    inscription magic miracle omen portal potion prophecy riddle ritual rune sacrifice spell
    swarm treasure vision vortex wound
"""

#: Nouns that are part of any scene: prose may always use them.
AMBIENCE = """
    brine ink salt sign
    ache air anger ankle answer anything arm aroma ash atmosphere attempt attention back
    balance beat belly bit bite blade-edge blood-rush blow body bottom brass breath breeze
    bronze brow bruise calm care ceiling center centre chance cheek chest chill chin clang
    clatter click clink cloth cold color colour copper corner creak crumb crunch crust cry damp
    dampness dark darkness day dew dimness direction dirt distance doubt draft draught dust ear
    earth echo edge effort elbow end evening everything eye eyebrow fabric face fear feel
    feeling fight finger fist flavor flavour floor foot footfall footing footstep force form
    front frost frown gait gap gasp gaze gesture glance glass gleam glint gloom glow grain
    grasp gravel grime grin grip grit groan ground guard-up gulp hair hand handle head heart
    heat heel help hilt hinge hip hit hold hope horizon hour hunger hush idea inside instant
    iron jaw jingle joy keyhole kick kind knee lap lash laugh laughter leather leg lid life
    light line linen lip lock look luck lung memory mess metal middle mind minute moisture
    moment mood morning motion mouth mouthful movement murmur mutter name neck night no-one
    nobody nod noise nose nothing odor odour one outside pace pain pair palm part pattern pause
    peace piece place plaster point pride pulse punch question quiet rasp rattle reason relief
    reply rest rim rind ring roof row rust rustle saliva sand scene scent scrape scuff scuffle
    season second sense shade shadow shape shoulder shout shrug side sigh silence silk sip size
    skin sky slap smell smile smoke soil something sort sound space spine spot stance stare
    steel stench step stillness sting stomach stonework strain strength stride strike stroke
    surface surprise swallow sweat swing taste tear thing thirst thought throat thud thumb
    thump timber time tip toe tone tongue tooth top touch try turn use velvet voice wall warmth
    way weight whiff while whisper wince wind wood wool word world worry
"""

#: Parts of things and of dress that a thing or a person implies; an entity elsewhere of that very
#: name still keeps them out.
PARTS_OF_THINGS = """
    arch bar blade bone boot boots bristle chain clasp collar cord crumb cuff edge feather handle
    hilt hinge hoof horn lace latch lid needle page pan paw petal pin plank rind sleeve spine
    strap straw string tail thread whisker wick
"""

_GROUPS = (
    PEOPLE, ANIMALS, PLACES, FURNISHINGS, THINGS, WEAPONS, CLOTHES, VEHICLES, FOOD, GROWTH, NATURE,
    UNCANNY,
)  # fmt: skip

PARTS: frozenset[str] = frozenset(PARTS_OF_THINGS.split())
AMBIENT: frozenset[str] = frozenset(AMBIENCE.split()) | PARTS

#: Words of names that describe or place as often as they name.
DESCRIPTIVE: frozenset[str] = frozenset(
    "above beneath black blue bright brown cold dark deep dry faint flat grand great green grey "
    "heavy high hollow long low old over pale red round sharp short small tall thin under wet "
    "white yellow young".split()
)

#: Every concrete noun known, in the singular (a few in the plural only).
NOUNS: frozenset[str] = frozenset(word for group in _GROUPS for word in group.split())

#: The nouns for living beings: they never act unless they are in the scene.
BEINGS: frozenset[str] = frozenset(PEOPLE.split()) | frozenset(ANIMALS.split())

# Nouns that are as often verbs, adverbs or adjectives, or part of an idiom ("hold still", "room for
# doubt"): they count as nouns only after a determiner.
AMBIGUOUS = """
    arch bail balm band bank bark bat bay beam bear bellow bill block bolt book bow bowl box
    branch brush bug bundle button cage calm camp cap case cast chain champion change charm
    chest child clasp close cloud cook count crane crate cross crow crown cup custom dart dish
    dock dodge dog drawer drink drum duck fan father ferry field file film fire fish flag flame
    float flood flower fly fog fork frame fuse gang garden gear giant gold guide hail ham
    hammer harness hatch hide hook horn host house hunter iron jam judge kid knot lamb lead
    leaf leash light line lock log lure lush major man mask master match mine mint mob mother
    mount mug nail nap nest net note object orange page paint pan park peak pen pick picture
    pile pilot pin pine pipe pit plain plan plank plant plate play plot plow plum pool porter
    post potter press prize pump quilt race rack ram ranch range rank record reed reel ring
    roast robe rock roll room root rope rose row ruler run sack sail salt saw scale scout screen
    seal seat seed set shed shell shelter shield ship shop shore sign sink skirt slave sling
    slip slug smith smoke snake snow spark spell spice spit spot spring spy square squash squid
    stable staff stage stake stall stamp staple star station steam steer stem step stick still
    stone stool store storm stream string strip study suit sun swallow swamp swan swarm tail
    tank tap tape tar tart team tent toast toll tool top torch tower trade trail train tramp
    trap treasure treat trick trip trough trunk tube turkey twig twin vault vest vine ward
    watch wave wax weed well whale whip wood worm wound yard younger
"""
MAYBE_VERB: frozenset[str] = frozenset(AMBIGUOUS.split())

#: Concrete nouns that are not part of every scene.
GUARDED: frozenset[str] = NOUNS - AMBIENT

_IRREGULAR_PLURALS = {
    "men": "man", "women": "woman", "children": "child", "people": "person", "feet": "foot",
    "teeth": "tooth", "geese": "goose", "mice": "mouse", "lice": "louse", "oxen": "ox",
    "wolves": "wolf", "thieves": "thief", "knives": "knife", "wives": "wife", "lives": "life",
    "leaves": "leaf", "loaves": "loaf", "shelves": "shelf", "elves": "elf", "dwarves": "dwarf",
    "halves": "half", "scarves": "scarf", "hooves": "hoof", "calves": "calf", "staves": "staff",
    "dice": "dice", "fungi": "fungus", "cacti": "cactus", "keys": "key", "selves": "self",
    "shoes": "shoe", "toes": "toe", "axes": "axe", "pies": "pie", "lies": "lie", "ties": "tie",
    "doves": "dove", "olives": "olive", "hives": "hive", "gloves": "glove", "caves": "cave",
    "graves": "grave", "waves": "wave", "slaves": "slave", "captives": "captive",
    "sleeves": "sleeve", "octopi": "octopus", "aches": "ache", "torches": "torch",
    "horses": "horse",
    "houses": "house", "roses": "rose", "noses": "nose", "vases": "vase", "cases": "case",
    "purses": "purse", "nurses": "nurse", "corpses": "corpse", "glasses": "glass",
}  # fmt: skip

# Singular words that end like a plural.
_ENDING_IN_S = """
    abacus abbess across actress albatross always as axis baroness basis besides bonus boss
    brass bus business cactus campus canvas chaos chess circus class colossus compass cosmos
    crisis cross cutlass cypress dampness darkness dimness dress duchess empress enchantress
    focus fortress fungus gas genius glass goddess goodness grass happiness harness has heiress
    hers hippopotamus his hiss hostess huntress ibis incubus iris is its kindness kiss lass
    lens less loneliness loss madness mass mattress mess minus moss necropolis octopus ours
    pass perhaps phoenix plus portcullis press priestess princess process rhinoceros sadness
    sarcophagus seamstress series sickness silence sorceress species status stillness stress
    theirs this thus toss towards trellis tress unless us virus waitress walrus was weakness
    wilderness witness yes yours
"""
_NO_PLURAL = frozenset(_ENDING_IN_S.split())


@lru_cache(maxsize=8192)
def singular(word: str) -> str:
    """The singular of a lower-case noun: "torches" -> "torch". Other words may come out odd."""
    if word in _IRREGULAR_PLURALS:
        return _IRREGULAR_PLURALS[word]
    if word in _NO_PLURAL or not word.endswith("s") or len(word) < 4 or word.endswith("ss"):
        return word
    if word.endswith("men"):
        return word[:-3] + "man"
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "zes", "sses", "oes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=8192)
def noun_lemma(word: str) -> str:
    """The lemma under which a word is looked up, whatever its case, plural or possessive."""
    word = word.lower().replace("\u2019", "'").removesuffix("'s").removesuffix("'")
    if word in NOUNS or word in AMBIENT:
        return word
    if word.endswith("men") and word[:-2] + "an" in NOUNS:
        return word[:-2] + "an"
    return singular(word)
