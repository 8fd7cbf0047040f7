# make [B=build] [all|check|lint|install|clean]: see README.md. GNU make.
# The programs, their groups and links come from package/programs; everything built lands in $(B).

B ?= build
ifeq ($(wildcard $(B)/config.mak),)
ifneq ($(MAKECMDGOALS),clean)
$(error run ./configure first)
endif
else
include $(B)/config.mak
endif

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wpointer-arith -Wmissing-prototypes
COMPILE = $(CC) -std=c11 -D_GNU_SOURCE -Isrc/include -I$(B) $(CPPFLAGS) $(WARN) $(WERROR) $(CFLAGS) -MMD -MP
TABLE := $(shell sed '/^\#/d;/^$$/d;s/  */ /g;s/ /,/g' package/programs)
comma := ,
field = $(word $(1),$(subst $(comma), ,$(2)))

LIB_OBJ := $(patsubst src/lib/%.c,$(B)/obj/lib/%.o,$(wildcard src/lib/*.c))
LIB := $(B)/libcairn.a

# The file name a program has: its own, but group compat is known by its first link only.
exe = $(if $(filter compat,$(call field,2,$(1))),$(notdir $(call field,4,$(1))),$(call field,1,$(1)))
EXES := $(foreach t,$(TABLE),$(B)/bin/$(call exe,$(t)))
S6LINKS := $(foreach t,$(TABLE),$(filter-out $(call exe,$(t)),$(filter s6-%,$(subst $(comma), ,$(t)))))

all: $(EXES) $(addprefix $(B)/bin/,$(S6LINKS))

# What the lines of a deps-exe file mean here: libraries that configure did not find are nothing.
libraries = $(LIBPATH) $(foreach l,$(1),$(if $(filter libcairn.a,$(l)),$(LIB),$(if $(filter -lskarnet,$(l)),$(SKALIBS),$(if $(filter -ljansson,$(l)),$(JANSSON),$(if $(filter -lyaml,$(l)),$(YAML),$(l))))))

define program
$(B)/bin/$(call exe,$(1)): $(B)/obj/$(call field,2,$(1))/$(call field,1,$(1)).o $(LIB) \
  src/$(call field,2,$(1))/deps-exe/$(call field,1,$(1))
	@mkdir -p $$(@D)
	$(CC) $(CFLAGS) -o $$@ $$< $$(if $$(SANITIZE),$(B)/obj/lib/sanitize.o) \
	  $$(call libraries,$$(shell cat src/$(call field,2,$(1))/deps-exe/$(call field,1,$(1)))) \
	  $(LDFLAGS)
$(foreach l,$(filter-out $(call exe,$(1)),$(filter s6-%,$(subst $(comma), ,$(1)))),
$(B)/bin/$(l): $(B)/bin/$(call exe,$(1))
	ln -sf $$(<F) $$@
)
endef
$(foreach t,$(TABLE),$(eval $(call program,$(t))))

$(B)/obj/%.o: src/%.c $(B)/config.h $(wildcard $(B)/config.flags)
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(LIB): $(LIB_OBJ)
	rm -f $@
	ar rcs $@ $^

# unit tests: tests/unit/NAME.c becomes $(B)/test/unit/NAME
UNITS := $(patsubst tests/unit/%.c,$(B)/test/unit/%,$(wildcard tests/unit/*.c))
$(B)/test/unit/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $< $(LIB) $(LIBPATH) $(SKALIBS) $(JANSSON) $(YAML) $(CMOCKA) $(LDFLAGS)

# helper programs of the black-box tests: tests/helpers/NAME.c becomes $(B)/test/helpers/NAME
HELPERS := $(patsubst tests/helpers/%.c,$(B)/test/helpers/%,$(wildcard tests/helpers/*.c))
$(B)/test/helpers/%: tests/helpers/%.c $(LIB)
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $< $(LIB) $(LIBPATH) $(SKALIBS) $(LDFLAGS)

# fuzzers, built to replay their corpus: tests/fuzz/NAME.c becomes $(B)/test/fuzz/NAME
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/test/fuzz/%,$(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c)))
$(B)/test/fuzz/%: tests/fuzz/%.c tests/fuzz/replay.c $(LIB)
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $< tests/fuzz/replay.c $(LIB) $(LIBPATH) $(SKALIBS) $(JANSSON) $(YAML) $(LDFLAGS)

tests: all $(if $(CMOCKA),$(UNITS)) $(HELPERS) $(FUZZERS)

check: tests
	sh tests/run $(B)

lint:
	sh package/lint

install: all
	sh package/install $(B) "$(DESTDIR)"

clean:
	rm -rf $(B)

.PHONY: all tests check lint install clean
-include $(wildcard $(B)/obj/*/*.d $(B)/test/*/*.d)
