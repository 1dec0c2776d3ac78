from django.apps import AppConfig


class ConfigAppConfig(AppConfig):
    name = "config"
    verbose_name = "Regulars"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created
        from django_q import cluster

        from config import in_flight, moments, queue

        connection_created.connect(moments.read_quickly)

        # Before any process is forked: what they share must be there, and survive each of them.
        cluster.Queue = queue.Queue
        cluster.Value = queue.Value
        in_flight.board()
