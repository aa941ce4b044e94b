using System.CommandLine;
using System.Data.Common;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Keys;

namespace Countersign.Server.Cli;

/// <summary><c>countersign keys …</c>: rotates master keys and the key ring, beside running servers.</summary>
internal static class KeysCommand
{
    /// <summary>PostgreSQL's word for a role that may not.</summary>
    private const string InsufficientPrivilege = "42501";

    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    public static Command Create() =>
        new("keys", "Master keys and the key ring. Works beside running servers, which take up a change by themselves.")
        {
            List(),
            Rotate(),
            Rewrap(),
            Retire(),
            Move(),
        };

    private static Command List() => With(
        new Command("list", "Lists the master keys: when each was made, where it lies, and what it closed."),
        async (parsed, services, ct) =>
        {
            foreach (var (line, state, rows) in await services.GetRequiredService<ListKeys>().RunAsync(ct))
            {
                var when = state == KeyState.Pending
                    ? $"from {KeysSlice.InWords(line.From!.Value)}"
                    : line.Made is { } made
                    ? $"made {KeysSlice.InWords(made)}"
                    : "made -";
                var what = state == KeyState.Rest ? $"only {line.Only}" : state.ToString().ToLowerInvariant();
                var where = line.Label is null ? "file" : "pkcs11:" + line.Label;
                var closes = rows.Count == 0 ? "nothing" : string.Join(", ", rows.Select(r => $"{r.Count} {r.What}"));
                await parsed.SayAsync($"{line.Id,-16}  {what,-14}  {when}  {where}  {closes}");
            }

            return 0;
        });

    private static Command Rotate()
    {
        var grace = new Option<TimeSpan>("--grace")
        {
            Description =
                "How long until the new key takes over, as [days.]hours:minutes:seconds. By then every node has read the key file.",
            DefaultValueFactory = _ => Grace,
        };
        var ring = new Option<bool>("--ring")
        {
            Description = "Not the master key: adds a key to the ring in the database, which encrypts form tokens and operators' cookies.",
        };
        return With(
            new Command("rotate", "Makes a new master key that takes over after a while.") { grace, ring }, async (parsed, services, ct) =>
            {
                if (parsed.GetValue(ring))
                {
                    await parsed.SayAsync(
                        "The key ring has a new key. It encrypts from "
                            + $"{KeysSlice.InWords(await services.GetRequiredService<RotateKeyRing>().RunAsync(ct))} on at "
                            + "the latest.");
                    return 0;
                }

                var line = await services.GetRequiredService<RotateMasterKey>().RunAsync(parsed.GetValue(grace), ct);
                await parsed.SayAsync($"The key {line.Id} takes over at {KeysSlice.InWords(line.From!.Value)}.");
                await parsed.SayAsync(
                    $"Nodes with a copy of {services.GetRequiredService<KeyFile>().Path} need this one before then. Back it up.");
                return 0;
            });
    }

    private static Command Rewrap() => With(
        new Command("rewrap", "Closes what lies in the database, and the keys of the ring, by the current master key."),
        async (parsed, services, ct) =>
        {
            if (services.GetRequiredService<MasterKeys>().Pending is { } pending)
            {
                await parsed.SayAsync(
                    $"The key {pending.Id} takes over at {KeysSlice.InWords(pending.From)}. Run this again after that: until then "
                        + "everything is closed by the one before.");
            }

            // Values first: what is wrong with a key of the ring keeps none of them back.
            var (values, unreadable) = await services.GetRequiredService<RenewSeals>().RunAsync(ct);
            var keys = await services.GetRequiredService<RewrapKeyRing>().RunAsync(ct);
            await parsed.SayAsync($"{keys} keys of the key ring were wrapped anew, and {values} values in the database.");
            if (unreadable > 0)
            {
                await parsed.SayAsync(
                    $"{unreadable} values do not open and stay as they are. The log names those that were changed (12010), and keys "
                        + "that the key file lacks (12001). Find out who changed them, and renew or remove what they belong to.");
            }

            return unreadable == 0 ? 0 : 1;
        });

    private static Command Retire()
    {
        var id = new Argument<string>("id") { Description = "The key, as `keys list` names it." };
        var passwords = new Option<bool>("--keep-passwords")
        {
            Description = "Keeps what checks the passwords of people who have not signed in since the rotation.",
        };
        var browsers = new Option<bool>("--forget-browsers")
        {
            Description = "Keeps nothing that opens the cookies of known browsers: for a key that somebody may have seen.",
        };
        return With(new Command("retire", "Takes a master key out of the file that nothing needs any more, but for what checks old rows.")
        {
            id,
            passwords,
            browsers,
        }, async (parsed, services, ct) =>
        {
            var left = await services.GetRequiredService<RetireMasterKey>().RunAsync(
                parsed.GetValue(id)!, parsed.GetValue(passwords), parsed.GetValue(browsers), ct);
            await parsed.SayAsync(left.Count == 0
                ? $"The key {parsed.GetValue(id)} is gone."
                : $"The key {parsed.GetValue(id)} is gone but for: {string.Join(", ", left)}.");
            await parsed.SayAsync("Nodes with a copy of the key file need this one. Back it up, and destroy older copies.");
            return 0;
        });
    }

    private static Command Move()
    {
        var to = new Option<string>("--to") { Description = "pkcs11 (also to another key there), or file.", Required = true };
        to.AcceptOnlyFromAmong("pkcs11", "file");

        // Reads both kinds of lines, whatever the server is set to.
        return With(new Command("move", "Takes the master keys into the HSM or back. The keys stay the same.")
        {
            to,
        }, async (parsed, services, ct) =>
        {
            var source = parsed.GetValue(to) == "file" ? KeySource.File : KeySource.Pkcs11;
            await parsed.SayAsync(
                $"{await services.GetRequiredService<MoveMasterKeys>().RunAsync(source, ct)} lines of the key file "
                    + $"were changed. Set Keys:Source to {source} on every node.");
            return 0;
        }, ("Keys:Source", nameof(KeySource.File)));
    }

    private static Command With(
        Command command,
        Func<ParseResult, IServiceProvider, CancellationToken, Task<int>> run,
        params (string Key, string Value)[] settings)
    {
        var common = new CommonOptions();
        common.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            await using var app = common.Build(parsed, settings);
            try
            {
                await app.Services.GetRequiredService<Database>().CheckAsync(demo: null, ct);
                return await run(parsed, app.Services, ct);
            }
            catch (DbException e) when (e.SqlState == InsufficientPrivilege)
            {
                throw new StartException("The database's role may not do this. Run it as the role that `countersign db migrate` uses.");
            }
        });
        return command;
    }
}
