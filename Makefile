# make [B=build] [all|check|lint|bench|install|uninstall|clean]: see README.md. GNU make.
# The programs, their groups and links come from package/programs; everything built lands in $(B).

B ?= build
ifeq ($(wildcard $(B)/config.mak),)
ifneq ($(filter-out clean bench,$(or $(MAKECMDGOALS),all)),)
$(error there is no $(B)/config.mak: run ./configure, or say make B=DIR as ./configure --builddir=DIR was)
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
libraries = $(LIBPATH) $(foreach l,$(1),$(if $(filter libcairn.a,$(l)),$(LIB),$(if $(filter -lskarnet,$(l)),$(SKALIBS),$(if $(filter -ljansson,$(l)),$(JANSSON),$(if $(filter -lyaml,$(l)),$(YAML),$(if $(filter -lcurl,$(l)),$(LIBCURL),$(l)))))))

# objects that every program has, though it calls nothing of them
STARTS = $(if $(SANITIZE),$(B)/obj/lib/sanitize.o) $(if $(OWN_RELRO),$(B)/obj/lib/relro.o)

define program
$(B)/bin/$(call exe,$(1)): $(B)/obj/$(call field,2,$(1))/$(call field,1,$(1)).o $(LIB) \
  src/$(call field,2,$(1))/deps-exe/$(call field,1,$(1))
	@mkdir -p $$(@D)
	$(CC) $(CFLAGS) -o $$@ $$< $$(STARTS) \
	  $$(call libraries,$$(shell cat src/$(call field,2,$(1))/deps-exe/$(call field,1,$(1)))) \
	  $(LDFLAGS)
$(foreach l,$(filter-out $(call exe,$(1)),$(filter s6-%,$(subst $(comma), ,$(1)))),
$(B)/bin/$(l): $(B)/bin/$(call exe,$(1))
	ln -sf $$(<F) $$@
)
endef
# Programs that are linked together: all but those marked "!" or "=" become links to $(B)/bin/cairn-tools, those of the group
# template to $(B)/bin/cairn-templates. Their mains and PROGs get names of their own; package/together.c finds them.
OBJCOPY ?= objcopy
shared = $(if $(TOGETHER),$(if $(filter ! =,$(subst $(comma), ,$(1))),,cairn-$(if $(filter template,$(call field,2,$(1))),templates,tools)))
members = $(foreach t,$(TABLE),$(if $(filter $(1),$(call shared,$(t))),$(t)))
id = $(subst -,_,$(call field,1,$(1)))

define member
$(B)/obj/together/$(call field,2,$(1))/$(call field,1,$(1)).o: $(B)/obj/$(call field,2,$(1))/$(call field,1,$(1)).o
	@mkdir -p $$(@D)
	$$(OBJCOPY) --redefine-sym main=$(call id,$(1))_main --redefine-sym PROG=$(call id,$(1))_PROG $$< $$@
$(B)/bin/$(call exe,$(1)): $(B)/bin/$(call shared,$(1))
	ln -sf $$(<F) $$@
$(foreach l,$(filter-out $(call exe,$(1)),$(filter s6-%,$(subst $(comma), ,$(1)))),
$(B)/bin/$(l): $(B)/bin/$(call exe,$(1))
	ln -sf $$(<F) $$@
)
endef

# their libraries: ours first, which needs the others, and skalibs last, which they all need
define together
$(B)/bin/$(1): package/together.c $(foreach t,$(2),$(B)/obj/together/$(call field,2,$(t))/$(call field,1,$(t)).o src/$(call field,2,$(t))/deps-exe/$(call field,1,$(t))) $(LIB)
	@mkdir -p $$(@D)
	printf 'TOGETHER("%s", %s)\n' $(foreach t,$(2),$(call exe,$(t)) $(call id,$(t))) >$(B)/obj/together/$(1).h
	$$(COMPILE) -DMEMBERS='"together/$(1).h"' -I$(B)/obj -c -o $(B)/obj/together/$(1).o $$<
	$(CC) $(CFLAGS) -o $$@ $(B)/obj/together/$(1).o $$(filter %.o,$$^) $$(STARTS) \
	  $$(call libraries,$$(call in_order,$$(shell cat $$(filter src/%,$$^)))) $(LDFLAGS)
endef
in_order = libcairn.a $(filter-out libcairn.a -lskarnet,$(sort $(1))) -lskarnet

$(foreach t,$(TABLE),$(if $(call shared,$(t)),$(eval $(call member,$(t))),$(eval $(call program,$(t)))))
$(foreach f,cairn-tools cairn-templates,$(if $(call members,$(f)),$(eval $(call together,$(f),$(call members,$(f))))))

$(B)/obj/%.o: src/%.c $(B)/config.h $(wildcard $(B)/config.flags)
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(LIB): $(LIB_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

# unit tests: tests/unit/NAME.c becomes $(B)/test/unit/NAME
UNITS := $(patsubst tests/unit/%.c,$(B)/test/unit/%,$(wildcard tests/unit/*.c))
$(B)/test/unit/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $< $(LIB) $(LIBPATH) $(SKALIBS) $(JANSSON) $(YAML) $(CMOCKA) -lm $(LDFLAGS)

# helper programs of the black-box tests: tests/helpers/NAME.c becomes $(B)/test/helpers/NAME
HELPERS := $(patsubst tests/helpers/%.c,$(B)/test/helpers/%,$(filter-out %/doubles.c,$(wildcard tests/helpers/*.c)))
$(B)/test/helpers/%: tests/helpers/%.c $(LIB)
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $< $(LIB) $(LIBPATH) $(SKALIBS) $(LDFLAGS)

# The daemons once more, $(B)/test/doubles/NAME, with calls that tests/helpers/doubles.c can make fail. What is optimised there
# is not a matter of speed: see vfork.
WRAPPED := fork vfork clone malloc calloc realloc mmap mremap open openat __open_2 __openat_2 pipe2 socket accept4 epoll_create1 \
  inotify_init1 mkdirat mkfifoat symlinkat write writev pwrite ftruncate rename renameat linkat fsync clock_gettime
DOUBLED := $(foreach p,svscan supervise svlog init resolver,$(foreach t,$(TABLE),$(if $(filter $(p),$(call field,1,$(t))),$(t))))
DOUBLES := $(foreach t,$(DOUBLED),$(B)/test/doubles/$(call field,1,$(t)))
$(B)/test/doubles/doubles.o: tests/helpers/doubles.c $(B)/config.h $(wildcard $(B)/config.flags) Makefile
	@mkdir -p $(@D)
	$(COMPILE) -O2 $(if $(SANITIZE),-fno-sanitize=all) -c -o $@ $<
define double
$(B)/test/doubles/$(call field,1,$(1)): $(B)/obj/$(call field,2,$(1))/$(call field,1,$(1)).o $(B)/test/doubles/doubles.o $(LIB)
	$(CC) $(CFLAGS) -o $$@ $$< $(B)/test/doubles/doubles.o $$(STARTS) $(addprefix -Wl$(comma)--wrap=,$(WRAPPED)) \
	  $$(call libraries,$$(shell cat src/$(call field,2,$(1))/deps-exe/$(call field,1,$(1)))) $(LDFLAGS)
endef
$(foreach t,$(DOUBLED),$(eval $(call double,$(t))))

# fuzzers, built to replay their corpus: tests/fuzz/NAME.c becomes $(B)/test/fuzz/NAME
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/test/fuzz/%,$(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c)))
$(B)/test/fuzz/%: tests/fuzz/%.c tests/fuzz/replay.c $(LIB)
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $< tests/fuzz/replay.c $(LIB) $(LIBPATH) $(SKALIBS) $(JANSSON) $(YAML) -lm $(LDFLAGS)

tests: all $(if $(CMOCKA),$(UNITS)) $(HELPERS) $(DOUBLES) $(FUZZERS)

check: tests
	sh tests/run $(B)

lint:
	sh package/lint

# of a static build that it makes itself, whatever $(B) is
bench:
	sh tests/bench/all

install: all
	sh package/install $(B) "$(DESTDIR)"

uninstall: all
	sh package/uninstall $(B) "$(DESTDIR)"

clean:
	rm -rf $(B)

.PHONY: all tests check lint bench install uninstall clean
-include $(wildcard $(B)/obj/*/*.d $(B)/test/*/*.d)
