using System.Text.RegularExpressions;
using Countersign.Server.Features.Messages.Gateways;

namespace Countersign.Server.Features.Messages.Receipts;

/// <summary>The network's error code out of Kannel's meta data (<c>?smpp?dlr_err=034&amp;</c>), or the kind of receipt.</summary>
internal static partial class KannelCode
{
    private const int LongestMeta = 1_000;

    public static string? Of(IQueryCollection query)
    {
        var meta = query["meta"].ToString();
        var found = meta.Length <= LongestMeta ? Error().Match(meta) : Match.Empty;
        return GatewayCode.Clean(found.Success ? found.Groups["code"].Value : query["status"].ToString());
    }

    [GeneratedRegex("dlr_err=(?<code>[0-9A-Za-z]{1,8})")]
    private static partial Regex Error();
}
