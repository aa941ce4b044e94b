using System.CommandLine;
using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Features.SigningIn.Release;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Cli;

/// <summary><c>countersign users freeze</c> and <c>users release</c>: by operators, where no device of the client can.</summary>
internal static class LocksCommand
{
    public static Command Freeze() => Create(
        "freeze",
        "Freezes a user: sessions and open challenges end, and nothing new begins. The client is told.",
        async (asked, parsed, ct) =>
        {
            var frozen = await asked.RunAsync(
                (locks, db, token) => locks.FreezeAsync(db, asked.Name, asked.Operator, asked.Reason, token), ct);
            await parsed.SayAsync(frozen == Locked.Already
                ? $"{asked.Name} was frozen already."
                : $"{asked.Name} is frozen. The client was told.");
        });

    public static Command Release() => Create(
        "release",
        "Releases a user who is frozen, or whose devices or password were guessed at too often. It takes two operators within a day.",
        async (asked, parsed, ct) =>
        {
            var released = await asked.RunAsync(
                (locks, db, token) => locks.ReleaseAsync(db, asked.Name, asked.Operator, asked.Reason, token), ct);
            await parsed.SayAsync(released == Locked.NeedsAnother
                ? $"Noted. {asked.Name} is released once another operator says so too, within {OperatorLocks.Wait.TotalHours:0} hours: "
                    + $"countersign users release {asked.Name} --operator NAME --reason TEXT"
                : $"{asked.Name} is released, with a new password to be chosen after the next sign-in. The client was told.");
        });

    private static Command Create(string verb, string description, Func<Asked, ParseResult, CancellationToken, Task> run)
    {
        var common = new CommonOptions();
        var name = new Argument<string>("name") { Description = "The user name." };
        var by = new Option<string>("--operator")
        {
            Description = "Whose word it is, as the audit log shall say.",
            DefaultValueFactory = _ => Environment.UserName,
        };
        var reason = new Option<string>("--reason") { Description = "Why, as the audit log shall say.", Required = true };
        var command = new Command(verb, description) { name, by, reason };
        common.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            await using var app = common.Build(parsed);
            await app.Services.GetRequiredService<Database>().CheckAsync(demo: null, ct);
            if (app.Services.GetRequiredService<IOptions<SiteOptions>>().Value.PublicUrl.Length == 0)
            {
                throw new StartException(
                    "Site:PublicUrl is not set, and the client is told at which site this was. Give the server's settings.");
            }

            if (!UserName.TryParse(parsed.GetValue(name), out var user))
            {
                throw new StartException("That is no user name.");
            }

            var asked = new Asked(
                app.Services, user, Words("--operator", parsed.GetValue(by), Actor.MaximumLength),
                Words("--reason", parsed.GetValue(reason), OperatorLocks.LongestReason));
            await run(asked, parsed, ct);
            return 0;
        });
        return command;
    }

    private static string Words(string option, string? typed, int longest)
    {
        var words = typed?.Trim() ?? string.Empty;
        return words.Length == 0 || words.Length > longest || words.Any(char.IsControl)
            ? throw new StartException($"{option} takes 1 to {longest} characters.")
            : words;
    }

    private sealed record Asked(IServiceProvider Services, UserName Name, string Operator, string Reason)
    {
        public async Task<Locked> RunAsync(
            Func<OperatorLocks, CountersignDbContext, CancellationToken, Task<Locked>> what, CancellationToken ct)
        {
            var locks = Services.GetRequiredService<OperatorLocks>();
            var done = await Services.GetRequiredService<IWriter>().RunAsync((db, token) => what(locks, db, token), ct);
            return done != Locked.NoSuchUser ? done : throw new StartException($"There is no user {Name}.");
        }
    }
}
