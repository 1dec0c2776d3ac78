"""Clusters: what one of them is configured with, and a machine that has no room for one."""

import errno
import os
from types import SimpleNamespace

import pytest
from django_q.conf import Conf

from config import cluster, supervisor
from config.bell import clusters


@pytest.fixture
def conf(monkeypatch, settings):
    """django-q2's, read by a process that was started as `io`, and put back afterwards."""
    settings.Q_CLUSTER = {
        **settings.Q_CLUSTER,
        "workers": 3,
        "queue_limit": 6,
        "ALT_CLUSTERS": {"io": {"workers": 2, "queue_limit": 4}},
    }
    for name, value in {"CLUSTER_NAME": "io", "WORKERS": 2, "QUEUE_LIMIT": 4}.items():
        monkeypatch.setattr(Conf, name, value)
    monkeypatch.setenv("Q_CLUSTER_NAME", "io")
    return Conf


@pytest.mark.parametrize(("name", "workers", "limit"), [("regulars", 3, 6), ("io", 2, 4)])
def test_a_cluster_has_its_own_options(conf, name, workers, limit):
    cluster.configure(name)

    its = (conf.CLUSTER_NAME, conf.WORKERS, conf.QUEUE_LIMIT)
    assert its == (name, workers, limit)
    assert os.environ["Q_CLUSTER_NAME"] == name


def test_a_machine_without_room_for_a_process_is_an_error_and_no_end(monkeypatch):
    full = OSError(errno.EAGAIN, "Resource temporarily unavailable")

    def no_room() -> int:
        raise full

    monkeypatch.setattr(cluster, "connections", SimpleNamespace(close_all=lambda: None))
    monkeypatch.setattr(os, "fork", no_room)
    group = supervisor.Group()

    assert group.dead() == list(clusters())
    assert group.failed()
    group.kill()  # nobody, and not us
