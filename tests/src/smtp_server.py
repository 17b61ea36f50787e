"""An SMTP server for tests: aiosmtpd, which prints each message that it takes as a line of JSON.

usage: smtp_server.py PORT MODE [CERTIFICATE KEY [USERNAME PASSWORD]]
MODE: plain, starttls, tls; hang: connections are taken and nothing is ever said; refuse: each recipient is refused for good;
      later: each recipient is refused for now.
"""

import asyncio
import json
import signal
import socket
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Keeper:
    def __init__(self, mode):
        self.mode = mode

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.mode == "refuse":
            return "550 5.1.1 no such user here"
        if self.mode == "later":
            return "451 4.7.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        told = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "data": envelope.content.decode("utf-8", "surrogateescape"),
            "encrypted": session.ssl is not None or self.mode == "tls",
            "user": session.auth_data.decode() if session.auth_data else None,
        }
        print(json.dumps(told), flush=True)
        return "250 OK: kept"


class Silent(asyncio.Protocol):
    """Keeps a connection open and says nothing."""


def main():
    port, mode, *further = sys.argv[1:]
    chain, login = further[:2], further[2:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if chain:
        context.load_cert_chain(*chain)

    def authenticator(server, session, envelope, mechanism, data):
        given = [data.login.decode(), data.password.decode()]
        return AuthResult(success=given == login, handled=False, auth_data=data.login)

    def protocol():
        if mode == "hang":
            return Silent()
        return SMTP(
            Keeper(mode),
            hostname="mail.example",
            enable_SMTPUTF8=True,
            tls_context=context if mode == "starttls" else None,
            require_starttls=mode == "starttls",
            authenticator=authenticator if login else None,
            auth_required=bool(login),
            auth_require_tls=mode == "starttls",
        )

    async def serve():
        listener = socket.create_server(("127.0.0.1", int(port)))
        loop = asyncio.get_running_loop()
        server = await loop.create_server(protocol, sock=listener, ssl=context if mode == "tls" else None)
        loop.add_signal_handler(signal.SIGTERM, server.close)
        async with server:
            await server.serve_forever()

    asyncio.run(serve())


main()
