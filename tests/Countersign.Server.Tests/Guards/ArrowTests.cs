using Countersign.Server.Tests.Guards.Arrows;
using Countersign.Testing;

namespace Countersign.Server.Tests.Guards;

/// <summary>
/// Who may use whom. The compiled program is looked at, so that no habit, comment or <c>using</c> counts, but what is used.
/// </summary>
public sealed class ArrowTests(ITestOutputHelper output)
{
    // From top to bottom and from left to right: each slice may use what stands further right in its wing, and all that stands further
    // down; of the kinds none knows another one. Below all stand Http, Data, Telemetry and the types of the root folder, which know no
    // slice. CountersignHost, Program and Cli put the program together: they may use all, and nobody uses them. There are no
    // exceptions; a new folder finds its place here.
    private static readonly HouseOrder House = new(
        new("Pages", "Home", "Settings", "Help", "ClientServices", "Regulations", "Operators", "Demo", "Errors"),
        new("Desk"),
        new("Platforms", "OpenId", "NativeSignIn", "WebHooks", "TopicMessages"),
        new("Money"),
        new("Clients", "AccountOpening", "Records", "NumberSettings", "Contacts", "Restrictions"),
        new("SigningIn", "Release", "SignIn", "PasswordChanges", "Thaw"),
        new("Kinds", "EmailCodes", "TextMessages", "AuthenticatorApps", "Passkeys", "CodeCards") { OfStrangers = true },
        new("Confirming", "DeviceSettings", "Challenges", "SentCodes", "Devices", "Pins"),
        new("Access", "Freezing", "Sessions", "Passwords"),
        new("Messaging", "Notices", "Messages", "Shield"),
        new("Registry", "PhoneNumbers", "Accounts", "Users", "People", "Offices"),
        new("Programs", "Api", "Applications"),
        new("Ground", "Keys", "Jurisdictions", "Audit", "Rations", "Signals", "Imports", "Jobs"));

    private const string Document = "docs/architecture.md";

    private static readonly Lazy<ArrowGraph> Server = new(() => new ArrowGraph(CompiledUses.In(typeof(CountersignHost).Assembly)));

    [Fact]
    public void Every_folder_has_its_place()
    {
        var features = Path.Combine(Repository.Root, "src", "Countersign.Server", "Features");
        var folders = Directory.EnumerateDirectories(features)
            .SelectMany(Directory.EnumerateDirectories)
            .Select(folder => Path.GetRelativePath(features, folder).Replace('\\', '/'))
            .ToList();
        var wings = House.Wings.Select(w => w.Name);

        Assert.NotEmpty(folders);
        Faults.None(
            Directory.EnumerateDirectories(features).Select(Path.GetFileName).Except(wings).Select(w => $"{w} is no wing of the list")
                .Concat(folders.Concat(
                    Server.Value.Parts).Where(part => !House.Knows(part)).Select(part => $"{part} has no place in the list")));
    }

    [Fact]
    public void Arrows_go_to_the_right_and_down()
    {
        var wrong = Server.Value.Arrows.Where(a => !House.Allows(a.From, a.To)).Order().ToList();

        Assert.Contains(("Pages/Home", "Http"), Server.Value.Arrows);
        Faults.None(
            from arrow in wrong
            let why = Server.Value.Why(arrow.From, arrow.To)
            select $"{arrow.From} → {arrow.To} ({why.Count}){Environment.NewLine}    {string.Join(Environment.NewLine + "    ", why)}");
        output.WriteLine(ArrowTable.Write(House, Server.Value));
    }

    [Fact]
    public void No_slice_is_in_a_circle() => Faults.None(
        from circle in Server.Value.Circles()
        let slices = circle.Count(House.IsSlice)
        where slices > 0
        let arrows = Server.Value.Arrows.Count(a => circle.Contains(a.From) && circle.Contains(a.To))
        select $"{slices} slices use each other, by {arrows} arrows: {string.Join(", ", circle)}");

    [Fact]
    public void The_document_has_todays_table() => new GeneratedPart(Document, "arrows").Holds(ArrowTable.Write(House, Server.Value));
}
