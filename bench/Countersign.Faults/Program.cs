using System.CommandLine;
using Countersign.Faults;
using Countersign.Faults.Faults;

IReadOnlyList<IRun> runs =
[
    new KilledServer(), new KilledPostgres(), new FrozenPostgres(), new FullDisk(), new DeadGateway(), new LostNode(), new LostHost(),
    new Upgrade(), new Storm(), new RestoreDrill(),
];
var names = new Argument<string[]>("name") { Description = "What goes wrong: " + string.Join(", ", runs.Select(r => r.Name)) + "." };
names.AcceptOnlyFromAmong([.. runs.Select(r => r.Name)]);
var database = new Option<string>("--database") { Description = "The database.", DefaultValueFactory = _ => "both" };
database.AcceptOnlyFromAmong(SitePlan.Sqlite, SitePlan.Postgres, "both");
var users = new Option<int>("--users")
{
    Description = "Users, each of whom signs in once a minute at most.",
    DefaultValueFactory = _ => 4_000,
};
var clients = new Option<int>("--clients") { Description = "How many sign in at a time.", DefaultValueFactory = _ => 8 };
var seconds = new Option<int>("--seconds") { Description = "Of signing in before and after the fault.", DefaultValueFactory = _ => 8 };
var lightHash = new Option<bool>("--light-hash") { Description = "Passwords cost next to nothing: more sign-ins a second." };

var root = new RootCommand("Breaks the built program while people sign in, and counts what was lost.")
{
    names, database, users, clients, seconds, lightHash,
};
root.SetAction(async (parsed, ct) =>
{
    var time = TimeSpan.FromSeconds(parsed.GetValue(seconds));
    var options = new FaultOptions(
        parsed.GetValue(database)!, parsed.GetValue(users), parsed.GetValue(clients), time, time, parsed.GetValue(lightHash));
    var well = true;
    foreach (var run in parsed.GetValue(names)!.Select(name => runs.Single(r => r.Name == name)))
    {
        foreach (var each in options.Databases.Intersect(run.Databases, StringComparer.Ordinal))
        {
            well &= await run.RunAsync(each, options, ct);
        }
    }

    return well ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();
