using System.Diagnostics;

namespace Countersign.Testing;

/// <summary>The shell that starts a cluster, waits for its standard input to end, and then removes the cluster.</summary>
/// <remarks>The kernel closes that input even if the test process is killed, so that no server and no folder stay behind.</remarks>
internal static class PostgresKeeper
{
    private const string Installations = "/usr/lib/postgresql";

    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    // It writes the folder of the socket once the server answers, and then each order that it has carried out.
    private const string Script = """
        set -eu
        bin=$1 superuser=$2 settings=$3 primary=$4
        folder=$(mktemp -d "${TMPDIR:-/tmp}/countersign-pg-XXXXXX")
        end() {
          pid=$(head -1 "$folder/data/postmaster.pid" 2>/dev/null) && kill -CONT "$pid" 2>/dev/null
          "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1
          rm -rf "$folder"
        }
        trap end EXIT
        if [ -n "$primary" ]; then
          "$bin/pg_basebackup" -D "$folder/data" -h "$primary" -U "$superuser" --write-recovery-conf --checkpoint=fast >&2
        else
          "$bin/initdb" -D "$folder/data" -U "$superuser" -E UTF8 --no-locale -A trust --no-sync >&2
        fi
        {
          echo "listen_addresses = ''"
          echo "unix_socket_directories = '$folder'"
          echo "max_connections = 600"
          echo "$settings"
        } >> "$folder/data/postgresql.conf"
        "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w start >&2 || { cat "$folder/log" >&2; exit 1; }
        echo "$folder"
        while read -r order; do
          case $order in
            kill)
              pid=$(head -1 "$folder/data/postmaster.pid")
              kill -KILL "$pid" $(cat "/proc/$pid/task/$pid/children") ;;
            stop) "$bin/pg_ctl" -D "$folder/data" -m fast -w stop >&2 ;;
            freeze)
              pid=$(head -1 "$folder/data/postmaster.pid")
              kill -STOP "$pid"
              kill -STOP $(cat "/proc/$pid/task/$pid/children") ;;
            thaw)
              pid=$(head -1 "$folder/data/postmaster.pid")
              kill -CONT "$pid" $(cat "/proc/$pid/task/$pid/children") ;;
            promote) "$bin/pg_ctl" -D "$folder/data" -w promote >&2 ;;
            start)
              "$bin/pg_ctl" -D "$folder/data" status >/dev/null 2>&1 ||
                "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w start >&2 </dev/null ;;
          esac
          echo "$order"
        done
        """;

    // Each host of the tests has a database: the vacuum would go round more than a hundred of them without end.
    private const string FastButForgetful = """
        fsync = off
        synchronous_commit = off
        full_page_writes = off
        autovacuum = off
        jit = off
        shared_preload_libraries = 'pg_stat_statements'
        """;

    /// <param name="primary">The socket folder of the cluster that this one follows; null: it is a primary itself.</param>
    public static async Task<(Process Keeper, string SocketFolder)> StartAsync(string superuser, bool durable, string? primary = null)
    {
        // setsid: Ctrl-C ends the tests, and must not end the keeper before it has cleaned up.
        var start = new ProcessStartInfo("setsid", ["--wait"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };

        if (Environment.IsPrivilegedProcess)
        {
            // PostgreSQL refuses to run as root.
            foreach (var argument in (string[])["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"])
            {
                start.ArgumentList.Add(argument);
            }
        }

        var settings = durable ? "" : FastButForgetful;
        foreach (var argument in (string[])["sh", "-c", Script, "keeper", NewestInstallation(), superuser, settings, primary ?? ""])
        {
            start.ArgumentList.Add(argument);
        }

        var keeper = Process.Start(start) ?? throw new InvalidOperationException("The shell did not start.");
        var errors = keeper.StandardError.ReadToEndAsync();
        var socketFolder = await keeper.StandardOutput.ReadLineAsync().WaitAsync(Ceiling);

        return socketFolder is not null
            ? (keeper, socketFolder)
            : throw new InvalidOperationException($"PostgreSQL did not start:\n{await errors}");
    }

    /// <summary>Has the server stopped or started.</summary>
    public static async Task OrderAsync(Process keeper, string order)
    {
        await keeper.StandardInput.WriteLineAsync(order);
        await keeper.StandardInput.FlushAsync();
        if (await keeper.StandardOutput.ReadLineAsync().WaitAsync(Ceiling) != order)
        {
            throw new InvalidOperationException($"PostgreSQL did not {order}.");
        }
    }

    public static async Task StopAsync(Process keeper)
    {
        keeper.StandardInput.Close();
        await keeper.WaitForExitAsync().WaitAsync(Ceiling);
        keeper.Dispose();
    }

    /// <summary>The folder of its programs.</summary>
    public static string NewestInstallation()
    {
        var versions = Directory.Exists(Installations) ? Directory.GetDirectories(Installations) : [];
        var newest = versions
            .Where(folder => File.Exists(Path.Combine(folder, "bin", "initdb")))
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
            .FirstOrDefault();

        return newest is not null
            ? Path.Combine(newest, "bin")
            : throw new InvalidOperationException(
                $"No PostgreSQL server under {Installations}. Install the Debian package postgresql, or run ./test as root.");
    }
}
