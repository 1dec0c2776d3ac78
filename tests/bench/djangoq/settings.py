"""As little Django as a cluster needs; its queue is tuned as the house's, broker and bell aside."""

from config import settings as house

SECRET_KEY = house.SECRET_KEY
DATABASES = house.DATABASES
DEFAULT_AUTO_FIELD = house.DEFAULT_AUTO_FIELD
USE_TZ = True
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django_q"]
NOT_STOCK = {"broker_class", "ALT_CLUSTERS"}
Q_CLUSTER = {name: value for name, value in house.Q_CLUSTER.items() if name not in NOT_STOCK}
Q_CLUSTER["log_level"] = "ERROR"  # two lines for each task otherwise
