using Countersign.Server.Features.Ground.Imports;

namespace Countersign.Server.Features.Clients.Records.Import;

/// <summary>Holds the rows of a file against each other: one person, user or account may not be two things.</summary>
internal sealed class ImportCheck
{
    private readonly Dictionary<string, (PersonFacts Facts, int Line)> _people = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (UserFacts Facts, int Line)> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (AccountFacts Facts, int Line)> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<(string User, string Account), LinkFacts> _links = [];

    public IReadOnlyCollection<PersonFacts> People => [.. _people.Values.Select(p => p.Facts)];

    public IReadOnlyCollection<UserFacts> Users => [.. _users.Values.Select(u => u.Facts)];

    public IReadOnlyCollection<AccountFacts> Accounts => [.. _accounts.Values.Select(a => a.Facts)];

    /// <summary>Who acts for which account.</summary>
    public IReadOnlyCollection<LinkFacts> Links => _links.Values;

    /// <summary>Adds a row, or says with which line it contradicts.</summary>
    public BadRow? Add(ImportRow row) =>
        Contradiction(_people, row.Person.Number, row.Person, row.Line, ImportColumns.Person)
        ?? Contradiction(_users, row.User.NormalisedName, row.User, row.Line, ImportColumns.User)
        ?? Contradiction(_accounts, row.Account.Number, row.Account, row.Line, ImportColumns.Account)
        ?? TwiceLinked(row);

    private BadRow? TwiceLinked(ImportRow row)
    {
        var link = new LinkFacts(row.User.NormalisedName, row.Account.Number, row.Role);
        return _links.TryAdd((link.User, link.Account), link)
            ? null
            : new BadRow(row.Line, ImportColumns.User, "is there twice for the same account");
    }

    private static BadRow? Contradiction<T>(Dictionary<string, (T Facts, int Line)> seen, string key, T facts, int line, string column)
        where T : class
    {
        if (seen.TryAdd(key, (facts, line)) || seen[key].Facts.Equals(facts))
        {
            return null;
        }

        return new BadRow(line, column, $"says something else of the same {column} than line {seen[key].Line}");
    }
}
