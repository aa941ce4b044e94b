using System.CommandLine;
using Countersign.Bench;

// The name of the command, not of the assembly, stands in its help.
var seconds = new Option<int>("--seconds") { Description = "Length of a window.", DefaultValueFactory = _ => 10 };
var windows = new Option<int>("--windows")
{
    Description = "Windows a scenario; the one that costs least counts.",
    DefaultValueFactory = _ => 6,
};
var clients = new Option<int>("--clients") { Description = "Requests in flight.", DefaultValueFactory = _ => 16 };
var users = new Option<int>("--users") { Description = "Distinct users in the database.", DefaultValueFactory = _ => 2_000 };
var scenarios = new Option<string[]>("--scenario")
{
    Description = "What to measure; may be repeated. All of them unless told.",
    DefaultValueFactory = _ => [.. BenchOptions.AllScenarios],
};
scenarios.AcceptOnlyFromAmong([.. BenchOptions.AllScenarios]);
var database = new Option<string>("--database") { Description = "The database.", DefaultValueFactory = _ => "both" };
database.AcceptOnlyFromAmong("sqlite", "postgres", "both");
var server = new Option<FileInfo?>("--server")
{
    Description = "countersign.dll, or the program that was published whole, to measure; the Release build unless told.",
};
var label = new Option<string>("--label") { Description = "What the rows call that build.", DefaultValueFactory = _ => "build" };
var against = new Option<FileInfo?>("--against")
{
    Description = "Countersign.Bench.dll of another build: both take their windows in turn.",
};
var told = new Option<bool>(OtherSide.Told) { Description = "Wait to be told by another bench.", Hidden = true };
var json = new Option<FileInfo?>("--json") { Description = "File for the figures; artifacts/bench.json unless told." };
var document = new Option<FileInfo?>("--document") { Description = "Markdown file whose generated section is replaced." };
var section = new Option<string>("--section") { Description = "Name of that section.", DefaultValueFactory = _ => "main" };
var lightHash = new Option<bool>("--light-hash")
{
    Description = "Passwords cost next to nothing: shows what else a sign-in costs, with the compiler soon quiet.",
};
var oneDevice = new Option<bool>("--one-device")
{
    Description = "Users have text messages only, so that a sign-in has no picker. For page, sms, session and sign-in.",
};
var keep = new Option<DirectoryInfo?>("--keep")
{
    Description = "Folder for the embedded database: filled unless it is, with as many --users, and left there to be measured again.",
};
var steady = new Option<double>("--steady")
{
    Description = "Minutes to work on each database, to see whether anything grows: one --scenario, drawn into --plot.",
};
var plot = new Option<FileInfo?>("--plot") { Description = "SVG file for the curves of --steady." };
var smoke = new Option<bool>("--smoke")
{
    Description = "Few users and one window of a second: shows that everything works, measures nothing.",
};

var root = new RootCommand("Measures the built server as a separate process.")
{
    seconds, windows, clients, users, scenarios, database, server, label, against, told, json, document, section, lightHash, oneDevice,
    keep, steady, plot, smoke,
};
root.SetAction(async (parsed, ct) =>
{
    var options = new BenchOptions(
        parsed.GetValue(seconds), parsed.GetValue(windows), parsed.GetValue(clients), parsed.GetValue(users), parsed.GetValue(scenarios)!,
        parsed.GetValue(database)!, parsed.GetValue(server), parsed.GetValue(label)!, parsed.GetValue(against), parsed.GetValue(json),
        parsed.GetValue(document), parsed.GetValue(section)!, parsed.GetValue(lightHash))
    {
        Keep = parsed.GetValue(keep),
        OneDevice = parsed.GetValue(oneDevice),
        Steady = TimeSpan.FromMinutes(parsed.GetValue(steady)),
        Plot = parsed.GetValue(plot),
    };
    var run = new BenchRun(parsed.GetValue(smoke) ? options.Smoke() : options);
    await (parsed.GetValue(told) ? run.ObeyAsync(ct) : run.RunAsync(ct));
    return 0;
});
return await root.Parse(args).InvokeAsync();
