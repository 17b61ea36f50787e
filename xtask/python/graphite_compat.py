"""What Graphite 1.1.10 and Django 3.0 still ask of Python and Python 3.12 took away. Imported by each start of the venv's Python."""

import configparser
import importlib.util
import sys
import types

if not hasattr(configparser, "SafeConfigParser"):
    configparser.SafeConfigParser = configparser.ConfigParser
if not hasattr(configparser.RawConfigParser, "readfp"):
    configparser.RawConfigParser.readfp = configparser.RawConfigParser.read_file
if importlib.util.find_spec("imp") is None:
    # Imported by Graphite, called only for plugins that tests have none of.
    sys.modules["imp"] = types.ModuleType("imp")
