namespace Countersign.Server.Features.Registry.Accounts;

/// <summary>What a user is to an account (B26).</summary>
internal enum AccountRole
{
    /// <summary>The money is the user's, alone or with others; or a company's for which the user signs.</summary>
    Owner,

    /// <summary>Acts for the owners.</summary>
    Advisor,

    /// <summary>Looks after who may act for a company, and how.</summary>
    SecurityOfficer,

    /// <summary>Sees, and changes nothing.</summary>
    Viewer,
}

/// <summary>Roles as files and programs write them.</summary>
internal static class AccountRoles
{
    /// <summary>All of them, for whoever is to be told.</summary>
    public const string All = "owner, advisor, security_officer, viewer";

    /// <summary>Null for what is no role.</summary>
    public static AccountRole? Parse(string text) => text switch
    {
        "owner" => AccountRole.Owner,
        "advisor" => AccountRole.Advisor,
        "security_officer" => AccountRole.SecurityOfficer,
        "viewer" => AccountRole.Viewer,
        _ => null,
    };

    public static string Name(this AccountRole role) => role switch
    {
        AccountRole.Owner => "owner",
        AccountRole.Advisor => "advisor",
        AccountRole.SecurityOfficer => "security_officer",
        AccountRole.Viewer => "viewer",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
