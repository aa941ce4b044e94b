using System.Net.Sockets;
using System.Text.Json;
using Countersign.Server.Features.Access.Passwords;
using Microsoft.AspNetCore.Connections;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Countersign.Server.Cli;

/// <summary>
/// Says in a sentence what kept the program from doing what it was asked, and what to do: a trace tells an operator neither.
/// </summary>
internal static class StartFault
{
    private const int ReadOnlyDisk = 30;
    private const int NoSpace = 28;

    private const int SqlitePermission = 3;
    private const int SqliteReadOnly = 8;
    private const int SqliteFull = 13;
    private const int SqliteCannotOpen = 14;
    private const int SqliteNoDatabase = 26;

    public static string Say(Exception fault) =>
        OneLine(Chain(fault).Select(Known).FirstOrDefault(said => said is not null) ?? Unknown(fault));

    /// <summary>What is wrong lies at any depth: Entity Framework and the host wrap what they pass on.</summary>
    private static IEnumerable<Exception> Chain(Exception fault) => fault switch
    {
        AggregateException several => several.InnerExceptions.SelectMany(Chain),
        { InnerException: { } inner } => [fault, .. Chain(inner)],
        _ => [fault],
    };

    private static string? Known(Exception fault) => fault switch
    {
        StartException => fault.Message,
        InvalidOperationException when fault.Message.StartsWith(PasswordBlocklist.Setting, StringComparison.Ordinal) => fault.Message,
        OptionsValidationException options => "The settings are not valid: " + string.Join("; ", options.Failures),
        OperationCanceledException => "It was stopped before it was through.",
        PostgresException refused => OfPostgres(refused),
        NpgsqlException away =>
            $"PostgreSQL cannot be reached: {string.Join(": ", Chain(away).Select(Bare).Distinct())}. Look whether it runs, and at "
                + "Host and Port in Data:Postgres (--postgres).",
        SqliteException broken => OfSqlite(broken),
        UnauthorizedAccessException => $"{Sentence(fault)} Give it to the user that this runs as, or run it as the user that owns it.",
        InvalidDataException { InnerException: not null } =>
            $"{Sentence(fault)} It has to be JSON: {Sentence(Chain(fault).OfType<JsonException>().FirstOrDefault() ?? Innermost(fault))}",
        FileNotFoundException or DirectoryNotFoundException => $"{Sentence(fault)} Look at the setting or the option that names it.",
        IOException { InnerException: AddressInUseException } =>
            $"{Sentence(fault)} Stop what listens there, or choose another address with --urls.",
        IOException { HResult: ReadOnlyDisk } => $"{Sentence(fault)} The data folder must lie on a disk that can be written to.",
        IOException { HResult: NoSpace } => $"{Sentence(fault)} Make room on the disk.",
        IOException => $"{Sentence(fault)} Look at the path, and at the disk that it is on.",
        SocketException => $"The server cannot listen: {Sentence(fault)} Look at the addresses of --urls.",
        _ => null,
    };

    private static string OfPostgres(PostgresException refused) => refused.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            $"PostgreSQL does not let the role in: {refused.MessageText}. Look at Username and Password in Data:Postgres (--postgres).",
        PostgresErrorCodes.InsufficientPrivilege =>
            $"The database's role may not do this: {refused.MessageText}. docs/operations.md lists what each role needs.",
        PostgresErrorCodes.InvalidCatalogName =>
            $"PostgreSQL has no such database: {refused.MessageText}. Create it, or look at Database in Data:Postgres (--postgres).",
        _ => $"PostgreSQL refuses ({refused.SqlState}): {refused.MessageText}. Look at its log.",
    };

    private static string OfSqlite(SqliteException broken) => "The embedded database " + broken.SqliteErrorCode switch
    {
        SqliteCannotOpen or SqlitePermission =>
            "cannot be opened. It and its folder have to belong to the user that this runs as.",
        SqliteReadOnly => "cannot be written to. Its folder must belong to the user that this runs as, on a disk that can be written to.",
        SqliteFull => "has no room left. Make room on the disk.",
        SqliteNoDatabase => "is none: its file is something else. Restore a backup.",
        _ => $"fails: {broken.Message}. Look at the disk; if that is well, restore a backup.",
    };

    /// <summary>A mistake of the program. Whoever develops it wants to know where.</summary>
    private static string Unknown(Exception fault) =>
        $"This was not foreseen: {Sentence(fault)} ({fault.GetType().Name}) "
            + "Look at the settings; if they are right, report it with what DOTNET_ENVIRONMENT=Development says.";

    private static Exception Innermost(Exception fault) => Chain(fault).Last();

    private static string Sentence(Exception fault) => Bare(fault) + ".";

    private static string Bare(Exception fault) => fault.Message.TrimEnd().TrimEnd('.');

    private static string OneLine(string text) =>
        string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
