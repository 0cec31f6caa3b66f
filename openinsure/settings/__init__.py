"""Settings: environment in, Django names out. The module is chosen by OPENINSURE_ENV."""

from openinsure import environment

if environment.name() == "production" or environment.name() == "staging":
    from openinsure.settings.production import *  # noqa: F403
elif environment.optional("OPENINSURE_TESTING"):
    from openinsure.settings.test import *  # noqa: F403
else:
    from openinsure.settings.local import *  # noqa: F403
